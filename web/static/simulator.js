// The simulator's page: asks the server what changed and hands it to the devices. See web/simulator/page.py.
import { Phone } from "./simulator-phone.js";
import { CallView } from "./simulator-call.js";
import { Chat } from "./simulator-chat.js";
import { Mail } from "./simulator-mail.js";

const LOOK_AGAIN = 900; // milliseconds between two looks
const LOOK_LATER = 4000; // when the page is not seen, or the server is away

const root = document.getElementById("simulator");
const words = JSON.parse(root.dataset.words);

export const page = {
  root,
  words,
  say(key, values = {}) {
    return (words[key] || key).replace(/%\((\w+)\)s/g, (_whole, name) => String(values[name] ?? ""));
  },
  async post(path, fields) {
    const body = fields instanceof FormData ? fields : new FormData();
    if (body !== fields) for (const [name, value] of Object.entries(fields)) body.append(name, value);
    let refused = "";
    try {
      let answer = await send(path, body);
      if (unproven(answer)) {
        await look(); // somebody signed in from another tab; the state brings the new token
        answer = await send(path, body);
      }
      if (unproven(answer)) refused = words.stale;
      else if (!answer.ok) refused = (await answer.json().catch(() => ({}))).error || words.away;
    } catch {
      refused = words.away;
    }
    tell(refused);
    if (!refused) look();
    return !refused;
  },
  news(text, tab) {
    document.getElementById("sim-news").textContent = text;
    const button = document.getElementById(`tab-${tab}`);
    if (button.getAttribute("aria-selected") !== "true") button.querySelector(".sim-dot").hidden = false;
  },
  tell,
  empty(input) {
    input.value = "";
    input.dispatchEvent(new Event("emptied"));
  },
};

function send(path, body) {
  body.set("csrf_token", root.dataset.csrf);
  return fetch(path, { method: "POST", body, headers: { "X-Requested-With": "simulator", Accept: "application/json" } });
}

// What a deed refuses comes as JSON; a form without a valid token gets a page.
function unproven(answer) {
  return answer.status === 400 && !(answer.headers.get("Content-Type") || "").includes("json");
}

function prove(token) {
  root.dataset.csrf = token;
  for (const field of root.querySelectorAll("[name=csrf_token]")) field.value = token;
}

function tell(text) {
  const notice = document.getElementById("sim-away");
  notice.textContent = text;
  notice.hidden = !text;
}

const call = new CallView(page);
const devices = [new Phone(page, call), call, new Chat(page), new Mail(page)];
let since = 0;
let timer = 0;
let away = false;

async function look() {
  window.clearTimeout(timer);
  let wait = document.hidden ? LOOK_LATER : LOOK_AGAIN;
  try {
    const answer = await fetch(`/simulator/state?since=${since}&lang=${root.dataset.language}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    prove(state.token);
    const first = since === 0;
    since = state.version;
    document.getElementById("sim-clock").textContent = state.clock;
    for (const device of devices) device.take(state, first);
    if (away) tell("");
    away = false;
  } catch (error) {
    if (error instanceof TypeError === false && !/^\d+$/.test(error.message)) throw error;
    away = true;
    tell(words.away);
    wait = LOOK_LATER;
  } finally {
    window.clearTimeout(timer);
    timer = window.setTimeout(look, wait);
  }
}

function tabs() {
  const buttons = [...document.querySelectorAll(".sim-tab")];
  const choose = (chosen) => {
    for (const button of buttons) {
      const on = button === chosen;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      document.getElementById(button.getAttribute("aria-controls")).classList.toggle("chosen", on);
    }
    chosen.querySelector(".sim-dot").hidden = true;
  };
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => choose(button));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = buttons[(index + step + buttons.length) % buttons.length];
      choose(next);
      next.focus();
    });
  });
  document.querySelector(".sim-tabs").classList.add("ready");
  document.querySelector(".devices").classList.add("tabbed");
  choose(buttons.find((button) => `#${button.id}` === window.location.hash) || buttons[0]);
}

function attachments() {
  for (const input of document.querySelectorAll(".attach input")) {
    const names = input.parentElement.querySelector(".attach-names");
    const show = () => {
      names.textContent = [...input.files].map((file) => file.name).join(", ");
    };
    input.addEventListener("change", show);
    input.addEventListener("emptied", show);
  }
}

tabs();
attachments();
document.addEventListener("visibilitychange", () => document.hidden || look());
look();
