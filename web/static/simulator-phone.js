// The telephone's texts: bubbles, the count of parts, pictures, and which telephone it is.
import { element, emptied, media, place } from "./simulator-parts.js";

const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const TWO = new Set("^{}\\[~]|€\f");

// GSM 03.38: 160 places in one part, 153 in each of several; UCS-2: 70 and 67.
export function parts(text) {
  const signs = [...text];
  const plain = signs.every((sign) => GSM.has(sign) || TWO.has(sign));
  const places = plain ? signs.length + signs.filter((sign) => TWO.has(sign)).length : text.length;
  const [one, several] = plain ? [160, 153] : [70, 67];
  return { plain, count: places <= one ? 1 : Math.ceil(places / several) };
}

export class Phone {
  constructor(page, call) {
    this.page = page;
    this.call = call;
    this.texts = new Map();
    this.list = document.getElementById("texts");
    this.form = document.getElementById("text-form");
    this.choice = document.getElementById("phone");
    this.body = document.getElementById("text-body");
    this.choice.addEventListener("change", () => this.turn());
    this.body.addEventListener("input", () => this.count());
    this.body.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.form.requestSubmit();
      }
    });
    this.form.addEventListener("submit", (event) => this.send(event));
    this.turn();
  }

  get number() {
    return this.choice.value;
  }

  turn() {
    const landline = this.number === this.page.root.dataset.landline;
    this.form.elements.phone.value = this.number;
    for (const field of [this.body, this.form.elements.files, this.form.querySelector("button")]) field.disabled = landline;
    this.list.replaceChildren();
    for (const text of this.texts.values()) this.show(text);
    if (!this.list.children.length) emptied(this.list, landline ? this.page.words.landline : this.page.words.no_texts);
    this.call.turn(this.number);
    this.count();
  }

  count() {
    const text = this.body.value;
    const { plain, count } = parts(text);
    document.getElementById("text-count").textContent = text ? this.page.say(plain ? "gsm" : "ucs", { characters: this.many("character", [...text].length), parts: this.many("part", count) }) : "\u00a0";
  }

  many(what, n) {
    return n === 1 ? this.page.words[`one_${what}`] : this.page.say(`${what}s`, { n });
  }

  async send(event) {
    event.preventDefault();
    if (!this.body.value.trim() && !this.form.elements.files.files.length) return;
    if (await this.page.post("/simulator/text", new FormData(this.form))) {
      this.body.value = "";
      this.page.empty(this.form.elements.files);
      this.count();
      this.body.focus();
    }
  }

  take(state, first) {
    if (state.fresh && !first) this.texts.clear();
    for (const number of state.phones) {
      if (![...this.choice.options].some((option) => option.value === number)) this.choice.append(new Option(number, number));
    }
    for (const item of state.items) {
      if (item.kind !== "text") continue;
      const known = this.texts.has(item.id);
      this.texts.set(item.id, item);
      if (item.owner === this.number) this.show(item);
      if (!known && !first && item.direction !== "inbound" && item.owner === this.number) this.page.news(`${this.page.words.new_text}: ${item.body}`, "phone");
    }
  }

  show(item) {
    if (item.owner !== this.number) return;
    const mine = item.direction === "inbound";
    const bad = ["failed", "undelivered"].includes(item.status);
    const about = [item.carrier ? this.page.words.carrier : "", item.time, this.page.words[item.status] || item.status, item.error].filter(Boolean);
    place(
      this.list,
      item.id,
      element(
        "li",
        { class: `bubble ${mine ? "mine" : "theirs"}` },
        ...media(item.media, this.page.words.file),
        element("span", { class: "bubble-text", text: item.body }),
        element("span", { class: `bubble-status${bad ? " bad" : ""}`, text: about.join(" · ") }),
      ),
    );
  }
}
