// The page: puts its parts together, follows the address, and binds the keyboard.
import { html, render } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import * as state from "./shell/state.js";
import { actAs, choosing } from "./shell/acting.js";
import { Channel } from "./shell/channel.js";
import { Coach } from "./shell/coach.js";
import { fill } from "./shell/composer.js";
import { Connecting } from "./shell/empty.js";
import { follow, retry } from "./shell/feed.js";
import { Home } from "./shell/home.js";
import { Icon } from "./shell/icons.js";
import { Inspector, inspect, inspecting } from "./shell/inspector.js";
import { onKeys } from "./shell/keys.js";
import { narrow } from "./shell/look.js";
import { Modals } from "./shell/modal.js";
import { unread } from "./shell/notices.js";
import { Rail, Tabs, places } from "./shell/rail.js";
import { go, route } from "./shell/route.js";
import { Thread } from "./shell/thread.js";
import { Toasts } from "./shell/toasts.js";
import { Tour, tour, touring } from "./shell/tour.js";
import { words } from "./shell/words.js";

function App() {
  const [railOpen, showRail] = useState(false);
  const [keysOpen, showKeys] = useState(false);
  const { as, place, thread } = route.value;
  useEffect(() => void (as ? follow(as) : chooseFirst()), [as]);
  useEffect(() => void (as && state.link.value === "down" && chooseFirst().catch(unreachable)), [state.link.value]);
  useEffect(() => showRail(false), [as, place]);
  useEffect(() => onKeys(bindings(showKeys, showRail)), []);
  useEffect(() => void (document.title = titleOf()));
  if (!state.me.value) return html`<${Line} /><${Connecting} />`;
  const tools = [
    ...(state.steps.value.length ? [{ name: words.tour, icon: "tour", on: touring.value, act: () => tour() }] : []),
    { name: words.inspector, icon: "inspector", on: inspecting.value, act: () => inspect() },
    { name: words.keys, icon: "keys", on: keysOpen, act: () => showKeys(true) },
  ];
  return html`
    <a class="skip" href="#main" onClick=${(event) => (event.preventDefault(), document.querySelector("main").focus())}>${words.skip}</a>
    <div class=${`app ${thread ? "has-thread" : ""} ${inspecting.value ? "has-inspector" : ""}`}>
      <${Rail} open=${railOpen} tools=${tools}>${!narrow.value && html`<${Tour} />`}<//>
      ${railOpen && html`<div class="scrim" onClick=${() => showRail(false)}></div>`}
      <${Main} place=${place} thread=${thread} showRail=${() => showRail(true)} />
      ${inspecting.value && html`<${Inspector} />`}
      ${narrow.value && html`<${Tour} />`}
      <${Tabs} showRail=${() => showRail(true)} />
    </div>
    <${Toasts} /><${Modals} />
    ${keysOpen && html`<${Keys} close=${() => showKeys(false)} />`}
  `;
}

function Main({ place, thread, showRail }) {
  const known = places().find((one) => one.id === place) ?? places()[1];
  const open = (message) => go({ thread: message.ts });
  const close = () => {
    go({ thread: "" });
    document.getElementById("say")?.focus();
  };
  const channel = known.room?.id;
  return html`
    <main id="main" tabindex="-1" aria-labelledby="place-title">
      <${Head} place=${known} showRail=${showRail} />
      <${Line} />
      ${known.id === "home" ? html`<${Home} />` : known.id === "coach" ? html`<${Coach} key=${state.me.value.id} open=${open} />` : html`<${Channel} key=${`${state.me.value.id}${channel}`} room=${known.room} open=${open} />`}
    </main>
    ${thread && channel && html`<${Thread} channel=${channel} thread=${thread} place=${known.room?.is_im ? known.name : `#${known.name}`} close=${close} />`}
  `;
}

function Head({ place, showRail }) {
  const room = place.room;
  const isChannel = room && !room.is_im;
  const about = place.id === "home" ? words.homeTopic : place.id === "coach" ? words.coachTopic : room.is_notes ? words.notesTopic : room.topic;
  return html`
    <header class="head">
      <button type="button" class="plain-icon menu" onClick=${showRail} aria-label=${words.menu} aria-controls="rail"><${Icon} name="menu" /></button>
      <div class="head-words"><h1 id="place-title">${isChannel && html`<${Icon} name=${place.icon} size=${17} />`}${place.name}</h1><p title=${about}>${about}</p></div>
      ${isChannel && html`<${Facts} room=${room} />`}
    </header>
  `;
}

const Facts = ({ room }) => html`
  <ul class="head-facts">
    ${room.is_ext_shared && html`<li class="chip warn"><${Icon} name="shared" size=${14} />${words.sharedChannel}</li>`}
    ${!room.is_bot_member && html`<li class="chip"><${Icon} name="alert" size=${14} />${words.botAbsent}</li>`}
    <li class="chip plain" title=${(room.members ?? []).map((id) => state.people.value.get(id)?.real_name ?? id).join(", ")}><${Icon} name="users" size=${14} />${words.members(room.members?.length ?? room.num_members ?? 0)}</li>
  </ul>
`;

/** A line while there is no connection. */
function Line() {
  if (state.link.value !== "down") return null;
  return html`<p class="offline" role="alert"><${Icon} name="alert" size=${16} /><span>${words.offline}…</span><button type="button" class="small" onClick=${retry}>${words.offlineNow}</button></p>`;
}

function Keys({ close }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return html`
    <dialog class="modal keys" ref=${dialog} aria-labelledby="keys-title" onClose=${close} onClick=${(event) => event.target === dialog.current && dialog.current.close()}>
      <header class="modal-head"><h2 id="keys-title">${words.keys}</h2><button type="button" class="plain-icon" onClick=${() => dialog.current.close()} aria-label=${words.close}><${Icon} name="close" /></button></header>
      <dl>${words.keyList.map(([key, what]) => html`<div key=${key + what}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    </dialog>
  `;
}

function bindings(showKeys, showRail) {
  return {
    "/": startCommand,
    "?": () => showKeys(true),
    "Ctrl+k": () => (choosing.value = !choosing.value),
    "Ctrl+i": () => inspect(),
    "Alt+ArrowUp": () => step(-1),
    "Alt+ArrowDown": () => step(1),
    Escape: () => escape(showRail),
  };
}

const composer = () => document.getElementById("reply") ?? document.getElementById("say");

/** A slash begins a command, on Home in the conversation with the coach. */
function startCommand() {
  if (!composer()) go({ place: "coach" });
  requestAnimationFrame(() => (composer().value ? composer().focus() : fill(composer().id, "/")));
}

function step(by) {
  const all = places();
  const now = all.findIndex((place) => place.id === route.value.place);
  go({ place: all[(now + by + all.length) % all.length].id });
}

/** Close what lies on top. */
function escape(showRail) {
  if (choosing.value) choosing.value = false;
  else if (document.querySelector(".rail.open")) showRail(false);
  else if (route.value.thread) go({ thread: "" });
  else if (inspecting.value) inspect(false);
  else return false;
  return true;
}

/** The playground does not answer; the feed goes on trying. */
function unreachable(error) {
  if (!(error instanceof TypeError)) throw error;
}

function titleOf() {
  const waiting = [...unread.value.values()].reduce((sum, count) => sum + count, 0);
  const where = places().find((place) => place.id === route.value.place)?.name;
  return `${waiting ? `(${waiting}) ` : ""}${where ? `${where} · ` : ""}${words.brand}`;
}

/** Nobody who is here is named in the address: look through the eyes of a CRO, else of the first person. */
async function chooseFirst() {
  const { people } = await (await fetch("/control/people")).json();
  const first = people.find((one) => one.profile?.title === "cro") ?? people[0];
  if (first && !people.some((one) => one.id === route.value.as)) actAs(first.id, route.value.place);
}

render(html`<${App} />`, document.getElementById("app"));
