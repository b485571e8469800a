// Whose eyes one looks through: a click per role, and everybody in a list that can be searched.
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import * as state from "./state.js";
import { Avatar, Icon } from "./icons.js";
import { go, route } from "./route.js";
import { words } from "./words.js";

const ROLES = ["rep", "manager", "cro", "ops"];
const last = new Map(); // role -> id of whom one last was in it

export const choosing = signal(false);

/** Look through the eyes of this person; the place stays if they have it too. */
export function actAs(id, place = route.value.place) {
  const room = state.rooms.value.get(place);
  choosing.value = false;
  go({ as: id, place: !room || room.members?.includes(id) ? place : "coach" });
}

/** The person a role's button stands for: whom one last was, else the tour's, else the first. */
export function personFor(role) {
  const humans = [...state.people.value.values()].filter((one) => !one.is_bot && roleOf(one) === role);
  const guided = state.steps.value.map((step) => step.as);
  return humans.find((one) => one.id === last.get(role)) ?? humans.find((one) => guided.includes(one.id)) ?? humans[0];
}

export const roleOf = (person) => (person?.role ?? "").toLowerCase();

export function ActingAs() {
  const me = state.me.value;
  const anchor = useRef(null);
  useEffect(() => {
    if (me) last.set(roleOf(me), me.id);
  }, [me?.id]);
  if (!me) return null;
  return html`
    <section class="acting" aria-labelledby="acting-title">
      <h2 id="acting-title">${words.actingAs}</h2>
      <button type="button" class="acting-person" ref=${anchor} aria-haspopup="dialog" aria-expanded=${choosing.value} title=${words.change} onClick=${() => (choosing.value = !choosing.value)}>
        <${Avatar} person=${me} size=${32} />
        <span class="acting-name"><b>${me.real_name || me.name}</b><small>${words.roles[roleOf(me)] ?? me.role ?? ""}${me.tz && ` · ${me.tz.split("/").at(-1).replaceAll("_", " ")}`}</small></span>
        <${Icon} name="swap" size=${16} /><span class="hidden">${words.change}</span>
      </button>
      <div class="roles" role="group" aria-label=${words.actingAs}>
        ${ROLES.map((role) => html`<${Role} key=${role} role=${role} on=${roleOf(me) === role} />`)}
      </div>
      ${choosing.value && html`<${Everybody} close=${() => (choosing.value = false, anchor.current?.focus())} />`}
    </section>
  `;
}

function Role({ role, on }) {
  const person = personFor(role);
  return html`<button type="button" aria-pressed=${on} disabled=${!person} title=${person?.real_name ?? ""} onClick=${() => actAs(person.id)}>${words.roles[role]}</button>`;
}

function Everybody({ close }) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const box = useRef(null);
  const found = matching(typed);
  useEffect(() => box.current.querySelector("input").focus(), []);
  useEffect(() => setChosen(0), [typed]);
  useEffect(() => box.current.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [chosen]);
  useEffect(() => away(box.current, close), []);
  const keys = {
    ArrowDown: () => setChosen(Math.min(chosen + 1, found.length - 1)),
    ArrowUp: () => setChosen(Math.max(chosen - 1, 0)),
    Enter: () => found[chosen] && actAs(found[chosen].id),
    Escape: close,
  };
  const pressed = (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  };
  return html`
    <div class="everybody" ref=${box} role="dialog" aria-label=${words.change}>
      <label class="search"><${Icon} name="search" size=${16} /><span class="hidden">${words.findPerson}</span>
        <input type="search" role="combobox" aria-expanded="true" aria-controls="everybody" aria-autocomplete="list" aria-activedescendant=${found.length ? `somebody-${chosen}` : undefined}
          placeholder=${words.findPerson} value=${typed} onInput=${(event) => setTyped(event.currentTarget.value)} onKeyDown=${pressed} /></label>
      <ul id="everybody" role="listbox" aria-label=${words.findPerson}>
        ${found.map((one, place) => html`<${Somebody} key=${one.id} person=${one} place=${place} chosen=${place === chosen} />`)}
      </ul>
      ${!found.length && html`<p class="quiet">${words.nobody}</p>`}
    </div>
  `;
}

const Somebody = ({ person, place, chosen }) => html`
  <li id=${`somebody-${place}`} role="option" aria-selected=${chosen} onMouseDown=${(event) => (event.preventDefault(), actAs(person.id))}>
    <${Avatar} person=${person} size=${24} /><span>${person.real_name || person.name}</span><small>${words.roles[roleOf(person)] ?? (person.role || words.guest)}</small>
  </li>
`;

function matching(typed) {
  const wanted = typed.toLowerCase();
  return [...state.people.value.values()]
    .filter((one) => !one.is_bot && `${one.real_name} ${one.name} ${one.role}`.toLowerCase().includes(wanted))
    .sort((a, b) => (rank(a) - rank(b)) || (a.real_name || a.name).localeCompare(b.real_name || b.name));
}

const rank = (person) => (ROLES.indexOf(roleOf(person)) + 1 ? ROLES.length - ROLES.indexOf(roleOf(person)) : ROLES.length + 1);

function away(box, close) {
  const pressed = (event) => !box.contains(event.target) && !event.target.closest(".acting-person") && close();
  addEventListener("pointerdown", pressed);
  return () => removeEventListener("pointerdown", pressed);
}
