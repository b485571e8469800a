// The left side: whose eyes one looks through, and where one can go.
import { html } from "htm/preact";
import * as state from "./state.js";
import { ActingAs } from "./acting.js";
import { Icon, Mark } from "./icons.js";
import { arrowKeys } from "./keys.js";
import { theme, switchTheme } from "./look.js";
import { unread } from "./notices.js";
import { go, route } from "./route.js";
import { words } from "./words.js";

/** Places in the order they stand: Home, Coach, channels, notes. */
export function places() {
  const rooms = [...state.rooms.value.values()];
  const channels = rooms.filter((room) => !room.is_im && !room.is_archived);
  const notes = rooms.filter((room) => room.is_notes);
  return [
    { id: "home", name: words.home, icon: "home" },
    { id: "coach", name: words.coach, icon: "coach", room: state.direct() },
    ...channels.map((room) => ({ id: room.id, name: room.name, icon: iconOf(room), note: noteOf(room), room })),
    ...notes.map((room) => ({ id: room.id, name: words.notes, icon: "notes", room })),
  ];
}

const iconOf = (room) => (room.is_ext_shared ? "shared" : room.is_private ? "lock" : "hash");
const noteOf = (room) => (room.is_ext_shared ? words.sharedChannel : room.is_private ? words.privateChannel : "");

export function Rail({ open, tools, children }) {
  const all = places();
  const isChannel = (place) => place.room && !place.room.is_im;
  return html`
    <nav class=${`rail ${open ? "open" : ""}`} aria-label=${words.nav} id="rail">
      <div class="brand"><${Mark} size=${30} /><span><b>${words.brand}</b><small>${state.product.value || words.place}</small></span></div>
      <${ActingAs} />
      <div class="places" onKeyDown=${arrowKeys}>
        <${Places} list=${all.filter((place) => !isChannel(place) && !place.room?.is_notes)} />
        <h2>${words.channels}</h2>
        <${Places} list=${all.filter(isChannel)} />
        <${Places} list=${all.filter((place) => place.room?.is_notes)} />
      </div>
      ${children}
      <div class="tools">
        ${tools.map((tool) => html`<button type="button" key=${tool.name} class="tool" aria-pressed=${tool.on} onClick=${tool.act} title=${tool.name}><${Icon} name=${tool.icon} /><span>${tool.name}</span></button>`)}
        <button type="button" class="tool" onClick=${switchTheme} title=${words.theme(theme.value === "dark")} aria-label=${words.theme(theme.value === "dark")}><${Icon} name=${theme.value === "dark" ? "sun" : "moon"} /></button>
      </div>
    </nav>
  `;
}

const Places = ({ list }) => html`<ul>${list.map((place) => html`<li key=${place.id}><${Place} place=${place} /></li>`)}</ul>`;

function Place({ place }) {
  const count = place.room ? (unread.value.get(place.room.id) ?? 0) : 0;
  const here = route.value.place === place.id;
  return html`
    <a class=${`place ${count && !here ? "has-unread" : ""}`} data-item href=${`#/${route.value.as}/${place.id}`} aria-current=${here ? "page" : undefined}
      onClick=${(event) => (event.preventDefault(), go({ place: place.id }))}>
      <${Icon} name=${place.icon} />
      <span class="place-name">${place.name}${place.note && html`<span class="hidden">, ${place.note}</span>`}</span>
      ${count > 0 && !here && html`<span class="badge"><span aria-hidden="true">${count > 99 ? "99+" : count}</span><span class="hidden">${words.unread(count)}</span></span>`}
    </a>
  `;
}

/** The same places along the lower edge of a phone. */
export function Tabs({ showRail }) {
  const channels = places().filter((place) => place.room && !place.room.is_im);
  const waiting = channels.reduce((sum, place) => sum + (unread.value.get(place.id) ?? 0), 0);
  const inChannel = channels.some((place) => place.id === route.value.place);
  const coach = unread.value.get(state.direct()?.id) ?? 0;
  const tab = (name, icon, here, count, act) => html`
    <button type="button" class="tab" aria-current=${here ? "page" : undefined} onClick=${act}>
      <${Icon} name=${icon} size=${20} /><span>${name}</span>${count > 0 && !here && html`<span class="badge"><span aria-hidden="true">${count}</span><span class="hidden">${words.unread(count)}</span></span>`}
    </button>`;
  return html`
    <nav class="tabs" aria-label=${words.tabs}>
      ${tab(words.home, "home", route.value.place === "home", 0, () => go({ place: "home" }))}
      ${tab(words.coach, "coach", route.value.place === "coach", coach, () => go({ place: "coach" }))}
      ${tab(words.channels, "hash", inChannel, waiting, showRail)}
      ${tab(state.me.value?.real_name?.split(" ")[0] ?? "", "users", false, 0, showRail)}
    </nav>
  `;
}
