// Calls: what is said line by line, keys, speaking by microphone or by typing, ringing and hanging up.
import { element } from "./simulator-parts.js";
import { canRecord, hush, record, speak } from "./simulator-sound.js";

const OVER = new Set(["completed", "busy", "no-answer", "canceled", "failed"]);

export class CallView {
  constructor(page) {
    this.page = page;
    this.calls = new Map();
    this.number = "";
    this.closed = new Set(); // calls that the person has left
    this.spoken = new Map(); // call → how many steps were read aloud
    this.stopRecording = null;
    this.parts = Object.fromEntries(["call", "call-state", "call-steps", "call-ring", "call-desk", "call-open", "call-end", "call-close", "texting", "say", "say-text", "say-record", "dial", "aloud", "unhurried"].map((id) => [id, document.getElementById(id)]));
    this.parts.dial.disabled = false;
    this.parts.dial.addEventListener("click", () => page.post("/simulator/dial", { phone: this.number }));
    this.parts["call-close"].addEventListener("click", () => {
      this.closed.add(this.present()?.id);
      this.show();
    });
    this.parts.unhurried.addEventListener("change", () => this.pace());
    this.parts.aloud.addEventListener("change", () => {
      hush();
      if (this.parts.aloud.checked) this.parts.unhurried.checked = false;
      this.pace();
    });
    this.parts.say.addEventListener("submit", (event) => this.say(event));
    this.parts["say-record"].addEventListener("click", () => this.speak());
    for (const button of document.querySelectorAll("[data-call]")) {
      button.addEventListener("click", () => this.act(button.dataset.call, button.dataset.value || ""));
    }
    document.addEventListener("keydown", (event) => {
      const free = !event.target.closest("input, textarea, select") && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (free && /^[0-9*#]$/.test(event.key) && !this.parts["call-open"].hidden) this.act("key", event.key);
    });
  }

  pace() {
    this.page.post("/simulator/pace", { unhurried: this.parts.unhurried.checked ? "yes" : "no" });
  }

  turn(number) {
    this.number = number;
    this.show();
  }

  present() {
    const own = [...this.calls.values()].filter((call) => call.owner === this.number && !this.closed.has(call.id));
    return own.find((call) => !OVER.has(call.status)) || own[own.length - 1];
  }

  act(kind, value, sound) {
    const call = this.present();
    if (!call) return Promise.resolve(false);
    const fields = new FormData();
    fields.append("kind", kind);
    fields.append("value", value);
    if (sound) fields.append("sound", sound, "speech.wav");
    hush();
    return this.page.post(`/simulator/call/${encodeURIComponent(call.id)}`, fields);
  }

  async say(event) {
    event.preventDefault();
    const field = this.parts["say-text"];
    if (field.value.trim() && (await this.act("words", field.value))) field.value = "";
    field.focus();
  }

  async speak() {
    const button = this.parts["say-record"];
    try {
      if (this.stopRecording) {
        const stop = this.stopRecording;
        this.stopRecording = null;
        await this.act("sound", "", await stop());
      } else if (canRecord()) {
        hush();
        this.stopRecording = await record();
      } else {
        throw new Error("no microphone");
      }
    } catch {
      this.stopRecording = null;
      this.page.tell(this.page.words.no_microphone);
    }
    button.textContent = this.page.words[this.stopRecording ? "stop" : "record"];
    button.classList.toggle("recording", Boolean(this.stopRecording));
  }

  take(state, first) {
    if (state.fresh && !first) this.calls.clear();
    if (first) this.parts.unhurried.checked = state.unhurried;
    for (const item of state.items) {
      if (item.kind !== "call") continue;
      const known = this.calls.get(item.id);
      this.calls.set(item.id, item);
      if (first && OVER.has(item.status)) this.closed.add(item.id);
      if (!known && !first && item.direction !== "inbound") this.ring(item);
    }
    if (state.items.some((item) => item.kind === "call") || first) this.show();
  }

  ring(call) {
    const choice = document.getElementById("phone");
    if (call.owner !== this.number) {
      if (![...choice.options].some((option) => option.value === call.owner)) choice.append(new Option(call.owner, call.owner));
      choice.value = call.owner; // the telephone that rings is the one you pick up
      choice.dispatchEvent(new Event("change"));
    }
    this.page.news(this.page.words.ringing, "phone");
  }

  show() {
    const call = this.present();
    const { parts } = this;
    parts.call.hidden = !call;
    parts.texting.hidden = Boolean(call);
    parts.dial.hidden = Boolean(call && !OVER.has(call.status));
    if (!call) return;
    const over = OVER.has(call.status);
    const rings = call.direction !== "inbound" && ["queued", "initiated", "ringing"].includes(call.status);
    const open = call.status === "in-progress";
    parts["call-state"].textContent = over ? this.page.words[`over_${call.status}`] : this.page.words[rings ? "ringing" : open ? "open" : "calling"];
    parts["call-ring"].hidden = !rings;
    parts["call-desk"].hidden = !(call.waiting && call.waiting.for === "desk");
    parts["call-open"].hidden = !open;
    parts["call-end"].hidden = over || rings;
    parts["call-close"].hidden = !over;
    const wanted = Boolean(call.waiting && (call.waiting.for === "record" || call.waiting.speech));
    for (const control of parts.say.elements) control.disabled = !wanted;
    parts["say-text"].placeholder = this.page.words[wanted ? "say_now" : "say_later"];
    this.steps(call);
  }

  steps(call) {
    const list = this.parts["call-steps"];
    if (list.dataset.call !== call.id) {
      list.replaceChildren();
      list.dataset.call = call.id;
    }
    const shown = Number(list.lastElementChild?.dataset.n ?? -1);
    for (const step of call.steps.filter((one) => one.n > shown)) {
      const made = this.step(step);
      made.dataset.n = step.n;
      list.append(made);
      if (step.kind === "say" && this.parts.aloud.checked) speak(step.text, step.language);
    }
    list.scrollTop = list.scrollHeight;
  }

  step(step) {
    const { say } = this.page;
    if (step.kind === "say") return element("li", { text: step.text, lang: step.language });
    if (step.kind === "keys") return element("li", { class: "mine", text: say("keys", { keys: step.text }) });
    if (step.kind === "said") return element("li", { class: "mine", text: step.sound ? say("spoke") : say("said", { text: step.text }) });
    const key = { desk: `desk_${step.text}`, end: `end_${step.who}` }[step.kind] || step.kind;
    return element("li", { class: "aside", text: step.kind === "note" ? step.text : say(key, { text: step.text || "" }) });
  }
}
