// Keys for lists, one press per form, a question before grave steps. Everything works without this file.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-rows] tbody tr")].map((row) => row.querySelector("a")).filter(Boolean);
  const keys = document.getElementById("keys");
  const back = document.querySelector("[data-back]");
  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  const move = (step) => {
    const row = document.activeElement && document.activeElement.closest("tr");
    const all = rows();
    const here = all.findIndex((link) => link.closest("tr") === row);
    const next = all[Math.min(all.length - 1, Math.max(0, here + step))];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  };

  const press = (key) => {
    const button = document.querySelector(`[data-key="${key}"]`);
    if (button) button.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const search = document.getElementById("q");
    const act = {
      j: () => move(1),
      k: () => move(-1),
      "/": () => (search ? search.focus() : undefined),
      m: () => press("m"),
      n: () => press("n"),
      u: () => (back ? back.click() : undefined),
      "?": () => keys && !keys.open && keys.showModal(),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent || (form.dataset.confirm && !window.confirm(form.dataset.confirm))) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
  });

  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
  const refused = document.querySelector("[data-focus]");
  if (refused) refused.focus();
})();
