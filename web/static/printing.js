// A scanner ends each number with Enter: go to the next field. One press makes one file. Works without this too.
(() => {
  "use strict";
  const fields = [...document.querySelectorAll("[data-scan]")];
  for (const [place, field] of fields.entries()) {
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      const next = fields[place + 1] || document.getElementById("all-posted");
      if (next) next.focus();
    });
  }
  for (const form of document.querySelectorAll("form[data-fetch]")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector("button");
      const note = document.createElement("p");
      note.setAttribute("role", "status");
      note.textContent = form.dataset.fetch;
      button.after(note);
      window.setTimeout(() => { button.disabled = true; }, 0);
    });
  }
})();
