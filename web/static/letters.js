// The letter desk: line and picture point at each other, drafts are kept while typing, keys for everything. All works without this file.
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const typing = (element) => element && /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

  // ------------------------------------------------------------ the list: progress, next letter, upload
  const next = $("form[data-next]");
  if (next) {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const button = $("button", next);
      if (!button.disabled) button.click();
    });
  }

  const list = $("[data-refresh]");
  if (list) {
    const refresh = async () => {
      if (!document.hidden && !list.contains(document.activeElement)) {
        try {
          const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = $("[data-refresh]", page);
          if (fresh) {
            list.innerHTML = fresh.innerHTML;
            list.toggleAttribute("data-going", fresh.hasAttribute("data-going"));
            const button = next && $("button", next);
            const wanted = $("form[data-next] button", page);
            if (button && wanted) button.disabled = wanted.disabled;
          }
        } catch {
          // away for a moment: the next look tells
        }
      }
      window.setTimeout(refresh, list.hasAttribute("data-going") ? 2000 : 15000);
    };
    window.setTimeout(refresh, list.hasAttribute("data-going") ? 2000 : 15000);
  }

  const upload = $("form[data-upload]");
  if (upload) {
    const chosen = $("[data-chosen]", upload);
    const inputs = [$("#files", upload), $("#photos", upload)];
    let files = [];

    const keep = () => {
      const all = new DataTransfer();
      for (const file of files) all.items.add(file);
      inputs[0].files = all.files;
      inputs[1].value = "";
    };
    const show = () => {
      chosen.hidden = files.length < 1;
      chosen.replaceChildren(...files.map((file, index) => row(file, index)));
    };
    const swap = (one, other) => {
      if (other < 0 || other >= files.length) return;
      [files[one], files[other]] = [files[other], files[one]];
      keep();
      show();
    };
    const button = (sign, label, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "tool";
      made.textContent = sign;
      made.setAttribute("aria-label", label);
      made.title = label;
      made.addEventListener("click", act);
      return made;
    };
    const row = (file, index) => {
      const item = document.createElement("li");
      const small = document.createElement("canvas");
      small.width = small.height = 96;
      if (file.type.startsWith("image/")) {
        createImageBitmap(file, { resizeWidth: 96 }).then(
          (picture) => small.getContext("2d").drawImage(picture, 0, 0, 96, (96 * picture.height) / picture.width),
          () => undefined,
        );
      }
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = file.name;
      item.append(
        small,
        name,
        button("↑", `${chosen.dataset.up}: ${file.name}`, () => swap(index, index - 1)),
        button("↓", `${chosen.dataset.down}: ${file.name}`, () => swap(index, index + 1)),
        button("×", `${chosen.dataset.remove}: ${file.name}`, () => {
          files.splice(index, 1);
          keep();
          show();
        }),
      );
      return item;
    };
    const add = (more) => {
      files = [...files, ...more];
      keep();
      show();
    };
    for (const input of inputs) {
      input.addEventListener("change", () => {
        const more = [...input.files].filter((file) => !files.includes(file));
        add(more);
      });
    }
    $("[data-drop]").hidden = false;
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) document.body.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dropping");
      add([...event.dataTransfer.files]);
      $("button:not([type])", upload).focus();
    });
  }

  // ------------------------------------------------------------ the desk
  const desk = $("[data-desk]");
  if (!desk) return;
  const form = $("[data-entry]", desk);
  const text = $("#text", form);
  const under = $("[data-under]", form);
  const view = $("[data-view]", desk);
  const scan = $(".scan", desk);
  const sheets = $$("[data-page]", view || document.createElement("div"));
  const status = $("[data-status]", form);

  // Lines of the scan, each with its place in the text: `at` is null where it is not found any more.
  const lines = $$("[data-lines] li", form).map((item) => {
    const doubts = [];
    let end = 0;
    for (const node of item.childNodes) {
      const length = node.textContent.length;
      if (node.nodeName === "MARK") doubts.push({ start: end, end: end + length });
      end += length;
    }
    const [x, y, w, h] = ["x", "y", "w", "h"].map((side) => Number(item.dataset[side]));
    const { without } = item.dataset; // how the desk began, where the line tells who wrote
    return { page: Number(item.dataset.page), line: Number(item.dataset.line), words: item.textContent, without, doubts, x, y, w, h, at: null };
  });
  let known = text.value;

  const locate = () => {
    let from = 0;
    for (const line of lines) {
      let words = line.words.trim();
      const lead = line.words.length - line.words.trimStart().length;
      let found = words ? known.indexOf(words, from) : -1;
      const whole = found >= 0;
      if (!whole && line.without) {
        words = line.without.trim();
        found = known.indexOf(words, from);
      }
      const near = found >= 0 && found - from < 3000;
      line.at = near ? [found, found + words.length] : null;
      line.marks = near && whole ? line.doubts.map((d) => [found + d.start - lead, found + d.end - lead]) : [];
      if (near) from = found + words.length;
    }
  };

  // An edit moves what comes after it; a doubtful word that was touched has been looked at.
  const shift = () => {
    const now = text.value;
    let head = 0;
    const most = Math.min(known.length, now.length);
    while (head < most && known[head] === now[head]) head += 1;
    let tail = 0;
    while (tail < most - head && known[known.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
    const end = known.length - tail;
    const by = now.length - known.length;
    for (const line of lines) {
      if (!line.at) continue;
      const [a, b] = line.at;
      if (a >= end && a > head) line.at = [a + by, b + by];
      else if (b >= head) line.at = [Math.min(a, Math.max(head, 0)), Math.max(head, Math.max(b, end) + by - Math.max(0, end - b))];
      line.marks = line.marks
        .filter(([s, e]) => e <= head || s >= end)
        .map(([s, e]) => (s >= end ? [s + by, e + by] : [s, e]));
      if (line.at[1] <= line.at[0]) line.at = null;
    }
    known = now;
  };

  const atCaret = () => {
    const caret = text.selectionStart;
    let best = null;
    for (const line of lines) {
      if (!line.at) continue;
      if (line.at[0] <= caret && caret <= line.at[1]) return line;
      if (line.at[0] <= caret) best = line;
    }
    return best;
  };

  const paint = () => {
    if (!lines.length) return;
    const here = document.activeElement === text ? atCaret() : null;
    const cuts = [];
    for (const line of lines) for (const mark of line.marks || []) cuts.push([mark[0], mark[1], "mark"]);
    cuts.sort((one, other) => one[0] - other[0]);
    const piece = (from, to, kind) => {
      const made = document.createElement(kind);
      made.textContent = known.slice(from, to);
      return made;
    };
    const flow = (from, to, into) => {
      let last = from;
      for (const [s, e] of cuts) {
        if (s < last || e > to) continue;
        into.append(known.slice(last, s), piece(s, e, "mark"));
        last = e;
      }
      into.append(known.slice(last, to));
    };
    const made = document.createDocumentFragment();
    if (here && here.at) {
      flow(0, here.at[0], made);
      const span = document.createElement("span");
      span.className = "here";
      flow(here.at[0], here.at[1], span);
      made.append(span);
      flow(here.at[1], known.length, made);
    } else flow(0, known.length, made);
    made.append("\n");
    under.replaceChildren(made);
    under.scrollTop = text.scrollTop;
    const left = cuts.length;
    const words = $("[data-left]", form);
    if (words) {
      words.textContent = left ? `${left} ${words.dataset.some}` : words.dataset.none;
      $("[data-doubts]", form).hidden = false;
      $('[data-act="doubt"]', form).disabled = !left;
    }
  };

  // ------------------------------------------------------------ picture and text point at each other
  const spot = document.createElement("div");
  spot.className = "spot";
  const frame = (line) => {
    if (!view || !line) {
      spot.remove();
      return;
    }
    const sheet = sheets.find((each) => Number(each.dataset.page) === line.page);
    if (!sheet) return;
    const leaf = $(".leaf", sheet);
    Object.assign(spot.style, {
      left: `${(line.x - 0.004) * 100}%`,
      top: `${(line.y - 0.002) * 100}%`,
      width: `${(line.w + 0.008) * 100}%`,
      height: `${(line.h + 0.004) * 100}%`,
    });
    leaf.append(spot);
    const seen = view.getBoundingClientRect();
    const place = spot.getBoundingClientRect();
    const margin = Math.min(48, seen.height / 6);
    if (place.top < seen.top + margin) view.scrollTop -= seen.top + margin - place.top;
    else if (place.bottom > seen.bottom - margin) view.scrollTop += place.bottom - seen.bottom + margin;
    if (place.left < seen.left && place.width < seen.width) view.scrollLeft -= seen.left - place.left + 8;
    else if (place.right > seen.right && place.width < seen.width) view.scrollLeft += place.right - seen.right + 8;
    where();
  };

  const reveal = () => {
    const here = $(".here", under);
    if (!here) return;
    const top = here.offsetTop - text.clientHeight / 3;
    if (here.offsetTop < text.scrollTop || here.offsetTop > text.scrollTop + text.clientHeight - 40) text.scrollTop = Math.max(0, top);
    under.scrollTop = text.scrollTop;
  };

  const follow = () => {
    paint();
    frame(atCaret());
  };
  const goTo = (from, to) => {
    text.focus({ preventScroll: false });
    text.setSelectionRange(from, to);
    follow();
    reveal();
  };

  document.addEventListener("selectionchange", () => document.activeElement === text && lines.length && follow());
  text.addEventListener("scroll", () => (under.scrollTop = text.scrollTop));
  text.addEventListener("blur", paint);

  for (const link of $$("[data-goto]", form)) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const [page, number] = link.dataset.goto.split(":").map(Number);
      frame(lines.find((line) => line.page === page && line.line === number));
    });
  }

  const onPicture = (event) => {
    if (scan.classList.contains("full")) return; // looked at, not typed
    const picture = event.target.closest("img");
    if (!picture) return;
    const page = Number(picture.closest("[data-page]").dataset.page);
    const x = event.offsetX / picture.clientWidth;
    const y = event.offsetY / picture.clientHeight;
    const far = (line) => Math.hypot(Math.max(line.x - x, 0, x - line.x - line.w), 2 * Math.max(line.y - y, 0, y - line.y - line.h));
    const near = lines.filter((line) => line.page === page && line.at).sort((one, other) => far(one) - far(other))[0];
    if (!near || far(near) > 0.08) return;
    const share = Math.min(1, Math.max(0, (x - near.x) / near.w));
    const caret = near.at[0] + Math.round(share * (near.at[1] - near.at[0]));
    goTo(caret, caret);
  };
  if (view) view.addEventListener("click", onPicture);

  const doubt = () => {
    const marks = lines.flatMap((line) => line.marks || []).sort((one, other) => one[0] - other[0]);
    const after = document.activeElement === text ? text.selectionEnd : -1;
    const mark = marks.find((each) => each[0] >= after) || marks[0];
    if (mark) goTo(mark[0], mark[1]);
  };

  // ------------------------------------------------------------ how the scan is looked at
  let zoom = 1;
  let turn = 0;
  const current = () => {
    if (view.scrollTop + view.clientHeight >= view.scrollHeight - 4) return sheets.length - 1;
    const middle = view.scrollTop + view.clientHeight / 3;
    let found = 0;
    sheets.forEach((sheet, index) => {
      if (sheet.offsetTop <= middle) found = index;
    });
    return found;
  };
  const where = () => {
    const shown = $("[data-where]", desk);
    const words = `${current() + 1} / ${sheets.length}`;
    if (shown && shown.textContent !== words) shown.textContent = words;
  };
  const page = (step) => {
    const sheet = sheets[Math.min(sheets.length - 1, Math.max(0, current() + step))];
    view.scrollTop = sheet.offsetTop - 8;
    where();
  };
  const lay = (at = current()) => {
    view.style.setProperty("--zoom", zoom);
    for (const sheet of sheets) {
      const leaf = $(".leaf", sheet);
      const picture = $("img", leaf);
      const [w, h] = [Number(picture.getAttribute("width")), Number(picture.getAttribute("height"))];
      const across = turn % 180 !== 0;
      sheet.classList.toggle("turned", turn !== 0);
      sheet.style.aspectRatio = turn ? (across ? `${h} / ${w}` : `${w} / ${h}`) : "";
      leaf.style.width = turn ? (across ? `${(100 * w) / h}%` : "100%") : "";
      leaf.style.transform = turn ? `translate(-50%, -50%) rotate(${turn}deg)` : "";
    }
    view.scrollTop = sheets[at].offsetTop - 8;
    where();
  };
  // Zooms so that what is under (x, y) of the view stays there.
  const zoomTo = (value, x = view.clientWidth / 2, y = view.clientHeight / 2) => {
    const before = zoom;
    zoom = Math.min(5, Math.max(0.4, value));
    view.style.setProperty("--zoom", zoom);
    view.scrollLeft = ((view.scrollLeft + x) * zoom) / before - x;
    view.scrollTop = ((view.scrollTop + y) * zoom) / before - y;
    where();
  };
  const full = (on = !scan.classList.contains("full")) => {
    if (on === scan.classList.contains("full")) return;
    const at = current();
    scan.classList.toggle("full", on);
    document.body.classList.toggle("looking", on);
    for (const other of [form, ...$$("header, footer, .desk-head, .notice, .skip")]) other.inert = on;
    $('[data-act="full"]', scan).setAttribute("aria-pressed", on);
    zoom = 1;
    lay(at);
    if (on) view.focus();
  };
  const acts = {
    back: () => page(-1),
    on: () => page(1),
    in: () => zoomTo(zoom * 1.25),
    out: () => zoomTo(zoom / 1.25),
    fit: () => ((zoom = 1), lay()),
    turn: () => ((turn = (turn + 90) % 360), lay()),
    full: () => full(),
    doubt,
  };
  if (view) {
    $("[data-tools]", desk).hidden = false;
    view.addEventListener("scroll", where, { passive: true });
    const within = (x, y) => {
      const box = view.getBoundingClientRect();
      return [x - box.left, y - box.top];
    };
    view.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomTo(zoom * (event.deltaY < 0 ? 1.25 : 0.8), ...within(event.clientX, event.clientY));
    }, { passive: false });
    // Two fingers: the scan grows between them, not the page.
    let pinch = null;
    const fingers = ({ touches: [one, other] }) => ({
      apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
      middle: within((one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2),
    });
    view.addEventListener("touchstart", (event) => {
      if (event.touches.length === 2) pinch = { ...fingers(event), zoom };
    }, { passive: true });
    view.addEventListener("touchmove", (event) => {
      if (!pinch || event.touches.length !== 2) return;
      event.preventDefault();
      const now = fingers(event);
      view.scrollLeft -= now.middle[0] - pinch.middle[0];
      view.scrollTop -= now.middle[1] - pinch.middle[1];
      pinch.middle = now.middle;
      zoomTo((pinch.zoom * now.apart) / pinch.apart, ...now.middle);
    }, { passive: false });
    const lifted = (event) => {
      if (event.touches.length < 2) pinch = null;
    };
    view.addEventListener("touchend", lifted);
    view.addEventListener("touchcancel", lifted);
    view.addEventListener("dblclick", (event) => {
      if (scan.classList.contains("full")) zoomTo(zoom > 1.2 ? 1 : 2.2, ...within(event.clientX, event.clientY));
    });
  }
  for (const button of $$("[data-act]", desk)) button.addEventListener("click", () => acts[button.dataset.act]());

  // ------------------------------------------------------------ nothing typed is lost
  let timer = 0;
  let busy = false;
  let dirty = false;
  let over = false;
  const say = (words, bad = false) => {
    status.textContent = words;
    status.classList.toggle("saved-not", bad);
  };
  const save = async (leaving = false) => {
    window.clearTimeout(timer);
    if (over || (busy && !leaving)) return;
    busy = true;
    dirty = false;
    try {
      const sent = new URLSearchParams(new FormData(form));
      const options = { method: "POST", body: sent, headers: { "X-Draft": "yes" }, keepalive: leaving && String(sent).length < 60000 };
      const answer = await fetch(desk.dataset.save, options);
      const told = answer.headers.get("Content-Type") === "application/json" ? await answer.json() : {};
      if (answer.ok && told.saved) {
        if (told.title !== undefined) $("#subject", form).placeholder = told.title;
        say(`${desk.dataset.saved} ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
      } else if (answer.status === 409 || answer.status === 404) {
        over = true;
        say(told.wrong || "", true);
      } else throw new Error("not saved");
    } catch {
      dirty = true;
      say(desk.dataset.unsaved, true);
      timer = window.setTimeout(save, 5000);
    } finally {
      busy = false;
      if (dirty && !timer) timer = window.setTimeout(save, 700);
    }
  };
  const soon = () => {
    dirty = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 700);
  };
  form.addEventListener("input", (event) => {
    if (event.target === text) {
      shift();
      follow();
    }
    say(desk.dataset.saving);
    soon();
  });
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    over = true; // what is sent now is all there is
    window.setTimeout(() => (over = false), 4000);
  });
  document.addEventListener("visibilitychange", () => document.hidden && dirty && save(true));
  window.setInterval(() => save(), Number(desk.dataset.every) * 1000);

  // ------------------------------------------------------------ the first Ctrl+Enter shows what was not looked at
  const review = $("[data-review]", desk);
  const unseen = new Map(["text", "name", "identity", "address", "answer_by", "received_on", "about"].map((name) => [name, $(`#${name}`, form)]));
  const watch = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) if (isIntersecting) unseen.delete(target.id);
  }, { rootMargin: "0px 0px -80px 0px" });
  const watched = [...unseen.values()];
  for (const field of watched) watch.observe(field);
  form.addEventListener("input", (event) => unseen.delete(event.target.id));
  const shownOf = (field) => (field.tagName === "SELECT" ? field.selectedOptions[0]?.textContent : field.value || field.placeholder || "").trim();
  const fact = (name, words, note) => {
    const [term, told] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    told.textContent = words;
    if (note) {
      const mark = document.createElement("mark");
      mark.textContent = note;
      told.append(" ", mark);
    }
    return [term, told];
  };
  let wrong = {};
  let asking = false;
  // What confirming would be refused for; a server that is away is asked again by confirming.
  const refusals = async () => {
    window.clearTimeout(timer);
    try {
      const sent = new URLSearchParams(new FormData(form));
      const answer = await fetch(desk.dataset.save, { method: "POST", body: sent, headers: { "X-Draft": "check" } });
      return answer.ok ? await answer.json() : {};
    } catch {
      return {};
    }
  };
  const register = () => {
    if (review.open) {
      if (Object.keys(wrong).length) return;
      review.close();
    }
    form.requestSubmit($("[data-confirm-key]", form));
  };
  const confirm = async () => {
    if (review.open || !form.checkValidity()) return register();
    if (asking || over) return;
    asking = true;
    const told = await refusals();
    asking = false;
    if (review.open) return;
    wrong = told.errors || {};
    const refused = Object.keys(wrong);
    const doubts = lines.flatMap((line) => line.marks || []).length;
    if (!refused.length && !doubts && !unseen.size) return register();
    const facts = $("[data-review-facts]", review);
    const said = facts.dataset;
    facts.replaceChildren(
      ...[...new Set([$("#subject", form), ...watched, $("#phone", form), ...refused.map((name) => $(`#${name}`, form))])].filter(Boolean).flatMap((field) => {
        const words = shownOf(field);
        const short = words.length > 90 ? `${words.slice(0, 90)} …` : words;
        const doubt = field === text && doubts ? `${said.doubts} ${doubts}` : "";
        const label = $(`label[for="${field.id}"]`, form).firstChild.textContent.trim();
        return fact(label, short || said.none, wrong[field.id] || doubt || (unseen.has(field.id) ? said.unseen : ""));
      }),
    );
    $("[data-review-why]", review).textContent = refused.length ? said.wrong : said.some;
    $("[data-review-yes]", review).hidden = refused.length > 0;
    $("[data-review-leave-out]", review).hidden = !told.telling;
    review.showModal();
    $("#review-title", review).focus();
  };
  $("[data-review-yes]", review).addEventListener("click", register);
  $("[data-review-no]", review).addEventListener("click", () => review.close());
  review.addEventListener("close", () => {
    const doubtful = lines.some((line) => (line.marks || []).length);
    const [first] = [...Object.keys(wrong).map((name) => $(`#${name}`, form)), ...unseen.values()].filter(Boolean);
    const refused = Object.keys(wrong).length > 0;
    wrong = {};
    for (const field of watched) unseen.delete(field.id); // it was shown now
    if (doubtful && !refused) doubt();
    else if (first) first.focus();
  });

  // ------------------------------------------------------------ keys
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      confirm();
      return;
    }
    if (review.open) return;
    if (event.key === "Escape" && scan.classList.contains("full")) {
      event.preventDefault();
      full(false);
      $('[data-act="full"]', scan).focus();
      return;
    }
    if (event.key === "Enter" && event.target.tagName === "INPUT" && form.contains(event.target)) {
      event.preventDefault(); // a letter is not confirmed by accident: on to the next field
      const fields = $$("input:not([type=hidden]), select, textarea, button", form).filter((each) => each.offsetParent);
      const after = fields[fields.indexOf(event.target) + 1];
      if (after) after.focus();
      return;
    }
    if (event.key === "F8") {
      event.preventDefault();
      doubt();
      return;
    }
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const act = {
      PageUp: () => view && acts.back(),
      PageDown: () => view && acts.on(),
      Equal: () => view && acts.in(),
      NumpadAdd: () => view && acts.in(),
      Minus: () => view && acts.out(),
      NumpadSubtract: () => view && acts.out(),
      Digit0: () => view && acts.fit(),
      KeyR: () => view && acts.turn(),
      KeyF: () => view && acts.full(),
      KeyT: () => (document.activeElement === text ? view && view.focus() : text.focus()),
    }[event.code];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  locate();
  paint();
})();
