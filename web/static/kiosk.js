// The kiosk: one step at a time, sent without leaving the page, forgotten after a minute of silence.
// Nothing is kept outside this page's memory: no storage, no history, no cookie of a visitor.
(() => {
  "use strict";
  const SILENCE = 60_000;
  const COUNTDOWN = 10_000;
  const $ = (id) => document.getElementById(id);
  const fresh = { body: document.body.innerHTML, language: document.documentElement.lang };
  let key = "";
  let step = 0;
  let touched = Date.now();
  let sending = null;

  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(18));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const steps = () => [...document.querySelectorAll("[data-step]")];
  const busy = () => step > 0 || !$("done").hidden || (document.querySelector("textarea") || {}).value;

  const show = (wanted) => {
    const all = steps();
    step = Math.max(0, Math.min(all.length - 1, wanted));
    all.forEach((each, index) => (each.hidden = index !== step));
    if (step === all.length - 1) check();
    const heading = all[step].querySelector("h1, h2");
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };

  const say = (sentence) => {
    const box = $("trouble");
    box.hidden = !sentence;
    box.firstElementChild.textContent = sentence;
    if (sentence) box.focus();
  };

  // ---------------------------------------------------------------- forgetting
  const forget = () => {
    if (sending) sending.abort();
    sending = null;
    for (const field of document.querySelectorAll("input, textarea, select")) field.value = "";
    $("slip").replaceChildren();
    document.body.innerHTML = fresh.body; // new elements: nothing can be undone or gone back to
    document.documentElement.lang = fresh.language;
    start();
  };

  const tick = () => {
    const silent = Date.now() - touched;
    const box = $("silence");
    if (!busy()) {
      if (document.documentElement.lang !== fresh.language && silent >= SILENCE) forget();
      return;
    }
    if (silent >= SILENCE) {
      forget();
    } else if (silent >= SILENCE - COUNTDOWN) {
      if (!box.open) box.showModal();
      $("countdown").textContent = Math.ceil((SILENCE - silent) / 1000);
    }
  };

  const alive = () => {
    const box = document.getElementById("silence");
    if (box && box.open) return; // only the button says that somebody is still here
    if (Date.now() - touched >= SILENCE) tick(); // the tablet slept: whoever wakes it is somebody else
    touched = Date.now();
  };

  // ---------------------------------------------------------------- the last look before sending
  const check = () => {
    const list = $("check-list");
    list.replaceChildren();
    const add = (label, value) => {
      const [term, said] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = label;
      said.textContent = value;
      list.append(term, said);
    };
    for (const field of $("kiosk").elements) {
      if (!field.name || field.type === "hidden" || field.closest("[hidden]:not([data-step])")) continue;
      const box = /^(radio|checkbox)$/.test(field.type);
      if (box ? !field.checked : !field.value.trim()) continue;
      const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
      const legend = field.closest("fieldset") && field.closest("fieldset").querySelector("legend");
      const asked = field.closest("[data-step]").querySelector("h2");
      const own = field.id === "text" || field.name === "identity" ? asked : box && legend ? legend : label;
      const name = own.firstChild.textContent.trim();
      const chosen = field.tagName === "SELECT" ? field.selectedOptions[0].textContent : field.value;
      add(name, box ? label.firstChild.textContent.trim() : chosen);
    }
  };

  // ---------------------------------------------------------------- sending
  const send = () => {
    if (sending) return;
    say("");
    const main = $("main");
    const filled = new FormData($("kiosk"));
    filled.set("key", key);
    filled.set("language", main.dataset.language);
    if (filled.get("identity") === "anonymous") filled.delete("name-0");
    if (!filled.get("bureau")) filled.delete("about");
    const request = (sending = new AbortController());
    fetch(`${main.dataset.send}?lang=${main.dataset.language}`, {
      method: "POST",
      body: filled,
      headers: { "X-Huiyin-Kiosk": "1" },
      cache: "no-store",
      redirect: "error",
      signal: request.signal,
    })
      .then((answer) => answer.json())
      .then((told) => {
        if (sending === request) settle(told);
      })
      .catch(() => {
        if (sending !== request) return; // it was forgotten meanwhile
        sending = null;
        say(main.dataset.away);
      });
  };

  const settle = (told) => {
    sending = null;
    if (told.slip) {
      const page = new DOMParser().parseFromString(told.slip, "text/html");
      $("slip").replaceChildren(...page.body.childNodes);
      $("kiosk").reset();
      $("check-list").replaceChildren();
      $("kiosk").hidden = true;
      $("done").hidden = false;
      $("done-title").focus();
      window.scrollTo(0, 0);
      touched = Date.now();
      return;
    }
    const wrong = Object.entries(told.errors || {});
    if (wrong.length) {
      const field = $(wrong[0][0]) || document.getElementsByName(wrong[0][0])[0];
      const at = steps().findIndex((each) => field && each.contains(field));
      if (at >= 0) show(at);
    }
    say(wrong.length ? wrong[0][1] : told.notice || $("main").dataset.away);
  };

  // ---------------------------------------------------------------- another language, with what was entered
  const speak = (wanted) => {
    const values = [...$("kiosk").elements].map((field) => [field.id, field.value, field.checked]);
    const [at, finished] = [step, !$("done").hidden];
    if (finished) return;
    fetch(`/kiosk?lang=${wanted}`, { cache: "no-store", redirect: "error" })
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error("away"))))
      .then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        document.body.innerHTML = page.body.innerHTML;
        document.documentElement.lang = page.documentElement.lang;
        start(key);
        for (const [id, value, checked] of values) {
          const field = id && $(id);
          if (!field) continue;
          if (/^(radio|checkbox)$/.test(field.type)) field.checked = checked;
          else field.value = value;
        }
        depend();
        show(at);
      })
      .catch(() => say($("main").dataset.away));
  };

  const depend = () => {
    $("about-this").hidden = !$("bureau").value;
    $("not-anonymous").hidden = $("identity-anonymous").checked;
  };

  const start = (same) => {
    key = same || newKey();
    sending = null;
    touched = Date.now();
    $("kiosk").hidden = false;
    depend();
    show(0);
  };

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest && event.target.closest(selector);
    if (at("[data-next]")) {
      if (step === 1 && !$("text").value.trim()) $("text").focus();
      else show(step + 1);
    } else if (at("[data-back]")) show(step - 1);
    else if (at("#print")) window.print();
    else if (at("#finish")) forget();
    else if (at("#still-here")) {
      $("silence").close();
      touched = Date.now();
    } else if (at("[data-language].language")) {
      event.preventDefault();
      speak(at("[data-language].language").dataset.language);
    }
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    if (step === steps().length - 1) send();
    else if (step !== 1 || $("text").value.trim()) show(step + 1);
  });
  document.addEventListener("input", depend);
  document.addEventListener("change", depend);
  for (const kind of ["pointerdown", "keydown", "input", "touchmove", "wheel"]) {
    document.addEventListener(kind, alive, { capture: true, passive: true });
  }
  document.addEventListener("cancel", (event) => event.target.id === "silence" && event.preventDefault(), true);
  document.addEventListener("visibilitychange", tick);
  window.addEventListener("pageshow", (event) => event.persisted && forget());
  window.addEventListener("pagehide", () => forget());

  // A tablet that the desk called back closes when nobody uses it; whoever does is told when they send.
  window.setInterval(() => {
    if (Date.now() - touched < SILENCE) return;
    fetch("/kiosk", { cache: "no-store" }).then(
      (answer) => answer.status === 403 && location.reload(),
      () => undefined,
    );
  }, 30_000);

  // The tablet's back button goes one step back, and never to what somebody entered before.
  history.replaceState(null, "", "/kiosk");
  history.pushState(null, "", "/kiosk");
  window.addEventListener("popstate", () => {
    history.pushState(null, "", "/kiosk");
    if ($("done").hidden) show(step - 1);
  });
  window.setInterval(tick, 500);
  start();
})();
