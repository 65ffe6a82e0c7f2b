// The front desk: keys, rows of visitors, a draft that outlives a lost connection. Everything works without this file.
(() => {
  "use strict";
  const DRAFT = "huiyin-visit";
  const stash = (() => {
    try {
      return window.sessionStorage;
    } catch {
      return null; // forbidden by the browser: then there is no draft
    }
  })();
  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

  const slip = document.querySelector("[data-slip]");
  if (slip) {
    if (stash) stash.removeItem(DRAFT); // it is registered
    const print = document.getElementById("print");
    print.hidden = false;
    print.addEventListener("click", () => window.print());
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "p") window.print();
      if (event.key === "n") document.getElementById("next").click();
    });
    document.getElementById("next").focus();
    return;
  }

  const form = document.getElementById("visit");
  const rows = document.getElementById("visitors");
  const another = document.getElementById("another");
  const offline = document.getElementById("offline");
  const count = () => rows.querySelectorAll("[data-visitor]").length;

  const addRow = () => {
    if (count() >= Number(form.dataset.most)) return;
    const index = count();
    const holder = document.createElement("div");
    holder.append(another.content.cloneNode(true));
    for (const element of holder.querySelectorAll("*")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replaceAll("__", index));
      }
      if (element.name === "speaker") element.value = index;
    }
    rows.append(...holder.children);
    for (const alone of rows.querySelectorAll("[data-alone]")) alone.hidden = false;
    return rows.lastElementChild;
  };
  document.getElementById("add").addEventListener("click", (event) => {
    event.preventDefault();
    const row = addRow();
    if (row) row.querySelector("input").focus();
  });

  // ---------------------------------------------------------------- the draft, in this tab only; never a number
  const secret = (field) => field.hasAttribute("data-secret") || field.name === "csrf_token" || field.name === "add";
  const save = () => {
    const values = [];
    for (const field of form.elements) {
      if (!field.name || secret(field)) continue;
      if (/^(radio|checkbox)$/.test(field.type) && !field.checked) continue;
      values.push([field.name, field.value]);
    }
    if (stash) stash.setItem(DRAFT, JSON.stringify({ rows: count(), values }));
  };
  const restore = () => {
    const kept = stash && stash.getItem(DRAFT);
    if (!kept || form.hasAttribute("data-again")) return; // the server showed what was entered
    const draft = JSON.parse(kept);
    while (count() < draft.rows && addRow());
    for (const box of form.querySelectorAll("[type=checkbox]")) box.checked = false;
    for (const [name, value] of draft.values) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (/^(radio|checkbox)$/.test(field.type)) field.checked = field.checked || field.value === value;
        else field.value = value;
      }
    }
  };
  restore();
  form.addEventListener("input", save);

  // ---------------------------------------------------------------- sending: only while the service answers
  let sending = false;
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.name === "add") return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    save();
    fetch("/healthz", { cache: "no-store" })
      .then((answer) => {
        if (!answer.ok) throw new Error("away");
        form.submit();
      })
      .catch(() => {
        sending = false;
        offline.hidden = false;
        offline.scrollIntoView({ block: "nearest" });
      });
  });
  window.addEventListener("pageshow", () => {
    sending = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.ctrlKey && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(document.getElementById("register"));
    }
    if (event.altKey && event.code === "KeyN") {
      event.preventDefault();
      document.getElementById("add").click();
    }
  });
  const summary = document.getElementById("summary");
  if (summary) summary.focus();
})();
