// The chat as Telegram shows it: bubbles, buttons below them, files, places, editing, replying, blocking.
import { element, emptied, linked, media, place } from "./simulator-parts.js";
import { canRecord, record } from "./simulator-sound.js";

const HERE = { latitude: "23.0269", longitude: "112.4606" }; // the sample county's square

export class Chat {
  constructor(page) {
    this.page = page;
    this.messages = new Map();
    this.blocked = new Set();
    this.about = null; // {what: "edit" | "reply", number}
    this.stopRecording = null;
    this.list = document.getElementById("messages");
    this.choice = document.getElementById("chat");
    this.form = document.getElementById("chat-form");
    this.text = document.getElementById("chat-text");
    this.choice.addEventListener("change", () => this.turn());
    this.form.addEventListener("submit", (event) => this.send(event));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
    document.getElementById("chat-cancel").addEventListener("click", () => this.aim(null));
    document.getElementById("chat-place").addEventListener("click", () => this.act("place", HERE));
    document.getElementById("chat-voice").addEventListener("click", () => this.voice());
    document.getElementById("chat-block").addEventListener("click", () => this.act(this.blocked.has(this.id) ? "unblock" : "block"));
  }

  get id() {
    return this.choice.value;
  }

  act(what, fields = {}) {
    return this.page.post("/simulator/chat", { chat: this.id, what, ...fields });
  }

  async send(event) {
    event.preventDefault();
    const body = new FormData(this.form);
    body.append("chat", this.id);
    body.append("what", this.about?.what === "edit" ? "edit" : "text");
    if (this.about) body.append("number", this.about.number);
    if (await this.page.post("/simulator/chat", body)) {
      this.text.value = "";
      this.form.elements.files.value = "";
      this.aim(null);
      this.text.focus();
    }
  }

  async voice() {
    const button = document.getElementById("chat-voice");
    try {
      if (this.stopRecording) {
        const stop = this.stopRecording;
        this.stopRecording = null;
        const body = new FormData();
        body.append("chat", this.id);
        body.append("what", "voice");
        body.append("sound", await stop(), "voice.wav");
        await this.page.post("/simulator/chat", body);
      } else if (canRecord()) {
        this.stopRecording = await record();
      } else {
        throw new Error("no microphone");
      }
    } catch {
      this.stopRecording = null;
      this.page.tell(this.page.words.no_microphone);
    }
    button.textContent = this.page.words[this.stopRecording ? "stop" : "voice"];
  }

  aim(about, message) {
    this.about = about;
    const line = document.getElementById("chat-about");
    line.hidden = !about;
    if (!about) return;
    line.querySelector("span").textContent = `${this.page.words[about.what]}: ${message.text.slice(0, 60)}`;
    if (about.what === "edit") this.text.value = message.text;
    this.text.focus();
  }

  turn() {
    this.list.replaceChildren();
    for (const message of this.messages.values()) this.show(message);
    if (!this.list.children.length) emptied(this.list, this.page.words.no_chat);
    this.aim(null);
    this.blocking();
  }

  blocking() {
    const blocked = this.blocked.has(this.id);
    document.getElementById("chat-block").textContent = this.page.words[blocked ? "unblock" : "block"];
    for (const control of this.form.elements) control.disabled = blocked;
  }

  take(state, first) {
    if (state.fresh && !first) this.messages.clear();
    this.blocked = new Set(state.blocked.map(String));
    this.blocking();
    this.menu(state.commands);
    for (const item of state.items) {
      if (item.kind !== "chat" && item.kind !== "note") continue;
      const known = this.messages.has(item.id);
      this.messages.set(item.id, item);
      this.show(item);
      if (!known && !first && item.by === "bot") this.page.news(`${this.page.words.new_chat}: ${item.text}`, "chat");
    }
  }

  menu(commands) {
    const menu = document.getElementById("commands");
    const wanted = commands.map((one) => one.command).join(" ");
    if (menu.dataset.shown === wanted) return;
    menu.dataset.shown = wanted;
    menu.replaceChildren(...commands.map((one) => element("button", { class: "command", type: "button", text: `/${one.command} ${one.description}`, onclick: () => this.act("text", { text: `/${one.command}` }) })));
  }

  show(item) {
    if (item.owner !== this.id) return;
    if (item.kind === "note") {
      place(this.list, item.id, element("li", { class: "bubble notice-line", text: this.page.words[item.blocked ? "blocked" : "unblocked"] }));
      return;
    }
    const mine = item.by === "person";
    const where = item.place ? this.page.say("place", { where: `${item.place.latitude}, ${item.place.longitude}` }) : "";
    place(
      this.list,
      item.id,
      element(
        "li",
        { class: `bubble ${mine ? "mine" : "theirs"}` },
        item.quoted && element("span", { class: "bubble-quote", text: item.quoted }),
        ...media(item.files, this.page.words.file),
        element("span", { class: "bubble-text" }, ...linked(item.text || where)),
        this.buttons(item),
        item.answer && element("span", { class: "bubble-status", text: item.answer }),
        element("span", { class: "bubble-status", text: [item.time, item.edited ? this.page.words.edited : ""].filter(Boolean).join(" · ") }),
        this.tools(item, mine),
      ),
    );
  }

  buttons(item) {
    if (!item.buttons.length) return null;
    const rows = item.buttons.map((row) => element("span", { class: "bubble-row" }, ...row.map((one) => this.button(item, one))));
    return element("span", { class: "bubble-buttons" }, ...rows);
  }

  button(item, one) {
    if (one.url && /^https?:/.test(one.url)) return element("a", { class: "button small plain", href: one.url, target: "_blank", rel: "noopener noreferrer", text: one.text });
    return element("button", { class: "button small plain", type: "button", text: one.text, onclick: () => this.act("press", { number: item.number, value: one.callback_data || "" }) });
  }

  tools(item, mine) {
    const what = mine ? "edit" : "reply";
    if (mine && (item.files.length || item.place)) return null;
    return element("span", { class: "bubble-tools" }, element("button", { class: "link-button", type: "button", text: this.page.words[what], onclick: () => this.aim({ what, number: item.number }, item) }));
  }
}
