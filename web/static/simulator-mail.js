// The mailbox: what the service wrote, shown as plain text with its links, and mails to it.
import { element, emptied, linked, place } from "./simulator-parts.js";

export class Mail {
  constructor(page) {
    this.page = page;
    this.seen = new Map();
    this.list = document.getElementById("mails");
    this.form = document.getElementById("mail-form");
    this.form.addEventListener("submit", (event) => this.send(event));
    const bureaus = document.getElementById("bureau-mail");
    bureaus.addEventListener("change", () => this.list.classList.toggle("all", bureaus.checked));
    document.getElementById("mail-cancel").addEventListener("click", () => this.answer(null));
  }

  async send(event) {
    event.preventDefault();
    if (await this.page.post("/simulator/mail", new FormData(this.form))) {
      for (const name of ["body", "subject"]) this.form.elements[name].value = "";
      this.page.empty(this.form.elements.files);
      this.answer(null);
    }
  }

  answer(mail) {
    const line = document.getElementById("mail-about");
    this.form.elements.reply.value = mail ? mail.id : "";
    line.hidden = !mail;
    if (!mail) return;
    line.querySelector("span").textContent = this.page.say("replying", { to: mail.reply_to });
    this.form.elements.sender.value = mail.to.replace(/^.*<([^>]*)>.*$/, "$1");
    this.form.elements.subject.value = /^re:/i.test(mail.subject) ? mail.subject : this.page.say("subject_reply", { subject: mail.subject });
    this.form.elements.body.focus();
  }

  take(state, first) {
    if (state.fresh && !first) {
      this.seen.clear();
      emptied(this.list, this.page.words.no_mails);
    }
    const fresh = state.mails.filter((mail) => this.seen.get(mail.id) !== mail.at);
    const shown = [
      ...fresh.map((mail) => ({ at: mail.at, key: `mail-${mail.id}`, make: () => this.received(mail, first) })),
      ...state.items.filter((item) => item.kind === "sent_mail").map((item) => ({ at: item.at, key: item.id, make: () => this.sent(item) })),
    ];
    for (const one of shown.sort((a, b) => a.at - b.at)) place(this.list, one.key, one.make());
    for (const mail of fresh) {
      this.seen.set(mail.id, mail.at);
      if (!first && !mail.bureau) this.page.news(this.page.say("new_mail", { subject: mail.subject }), "mail");
    }
  }

  received(mail, first) {
    return element(
      "li",
      { class: mail.bureau ? "mail to-bureau" : "mail" },
      element(
        "details",
        first || mail.bureau ? {} : { open: "" },
        element("summary", { text: mail.subject }, element("span", { class: "mail-meta", text: this.page.say(mail.bureau ? "to_bureau" : "to", { to: mail.to }) })),
        element("p", { class: "mail-text" }, ...linked(mail.text)),
        element("button", { class: "link-button", type: "button", text: this.page.words.reply, onclick: () => this.answer(mail) }),
      ),
    );
  }

  sent(item) {
    const bad = ["failed", "refused"].includes(item.status);
    const about = [item.time, this.page.words[item.status], bad ? item.said : ""].filter(Boolean).join(" · ");
    return element(
      "li",
      { class: "bubble mine" },
      element("span", { class: "bubble-quote", text: this.page.say("you_wrote", { to: item.to }) }),
      element("strong", { text: item.subject }),
      element("span", { class: "bubble-text", text: item.text }),
      element("span", { class: `bubble-status${bad ? " bad" : ""}`, text: about }),
    );
  }
}
