// The page: asks its own server three questions, and shows what it answers. Tokens never come here.

import { draw, shownPlaces, shownWalk } from "/walk.js";

const at = (id) => document.getElementById(id);
let who = "clerk";
let busy = false;

async function ask(question, what = "") {
  const sent = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ who, what }) };
  const answer = await fetch(question, sent);
  return answer.ok ? answer.json() : Promise.reject(new Error((await answer.json()).error));
}

// One thing at a time. The button that was pressed keeps the focus: nothing is disabled meanwhile.
async function during(button, question, what) {
  if (busy || button?.getAttribute("aria-disabled") === "true") return;
  busy = true;
  at("walk").setAttribute("aria-busy", "true");
  try {
    const answer = await ask(question, what);
    if ("walk" in answer) at("shown").replaceChildren(...(answer.walk ? shownWalk(answer.walk, titleOf(who)) : []));
    show(answer, question === "/act");
  } catch (error) {
    say(`The demo does not answer as it should: ${error.message}`, "no");
  }
  at("walk").removeAttribute("aria-busy");
  busy = false;
}

function show(answer, acted) {
  const hops = answer.walk?.hops ?? (acted ? [] : null);
  at("places").replaceChildren(...shownPlaces(answer.places, hops, at("places")));
  at("token").replaceChildren(...shownToken(answer.token));
  const toggle = at("elsewhere").querySelector("[data-toggle]");
  const runs = answer.places[0].runs;
  toggle.dataset.what = runs ? "stop" : "start";
  toggle.textContent = toggle.dataset[runs ? "stop" : "start"];
  for (const button of at("to-token").children) button.setAttribute("aria-disabled", String(who === "nobody"));
  if (answer.said) say(answer.said, acted ? (hops?.length && answer.walk.status < 400 ? "yes" : "no") : "");
}

function say(text, kind) {
  at("said").className = `outcome ${kind}`;
  at("said").textContent = text;
  const { top, bottom } = at("said").getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) at("said").scrollIntoView({ block: "start" });
}

function shownToken(token) {
  if (who === "nobody") return ["You have none, and send none."];
  const words = {
    none: "None yet. Whoever does something gets one first.",
    good: `Signed by ${token.issuer}, with key ${token.key}. Good for ${token.seconds} s.`,
    tampered: `Changed after ${token.issuer} had signed it.`,
    expired: `Signed by ${token.issuer}, and expired.`,
    ended: `Signed by ${token.issuer}. Its session has ended.`,
  };
  return [draw("span", { class: `chip ${token.state}` }, token.state), " ", words[token.state]];
}

let offers;
const titleOf = (name) => offers.players.find((each) => each.name === name).title.toLowerCase();

function player({ name, title, sentence }) {
  const radio = draw("input", { type: "radio", name: "who", value: name, id: `who-${name}` });
  radio.checked = name === who;
  radio.addEventListener("change", () => {
    who = name;
    during(null, "/state");
  });
  return draw("label", { class: "player", for: `who-${name}` }, radio, draw("span", {}, draw("b", {}, title), draw("small", {}, sentence)));
}

function button(question, what, title) {
  const made = draw("button", { type: "button", "data-what": what }, title);
  made.addEventListener("click", () => during(made, question, made.dataset.what));
  return made;
}

async function begin() {
  offers = await (await fetch("/offers")).json();
  at("players").append(...offers.players.map(player));
  at("wishes").append(...offers.wishes.map((wish) => button("/act", wish.name, wish.title)));
  const events = Object.fromEntries(offers.events.map((event) => [event.name, event]));
  at("to-token").append(...offers.events.filter((each) => each.to_token).map((each) => button("/happen", each.name, each.title)));
  const toggle = button("/happen", "stop", events.stop.title);
  Object.assign(toggle.dataset, { toggle: "", stop: events.stop.title, start: events.start.title });
  at("elsewhere").append(button("/happen", "rotate", events.rotate.title), toggle);
  await during(null, "/state");
  document.documentElement.dataset.ready = "";
}

begin();
