// Notices in the corner: what arrived, and a way there.
import { html } from "htm/preact";
import * as state from "./state.js";
import { Icon, Mark } from "./icons.js";
import { dismiss, notices, spoken } from "./notices.js";
import { nameOf } from "./message.js";
import { go } from "./route.js";
import { words } from "./words.js";

export const Toasts = () => html`
  <section class="toasts" aria-label=${words.newMessage}>
    ${notices.value.filter((one) => one.person === state.me.value?.id).map((notice) => html`<${Toast} key=${notice.id} notice=${notice} />`)}
  </section>
  <div class="hidden" aria-live="polite">${spoken.value}</div>
`;

function Toast({ notice }) {
  const { message } = notice;
  const open = () => (dismiss(notice.id), visit(message));
  return html`
    <div class=${`toast ${notice.kind}`} role=${message ? undefined : "alert"}>
      ${message?.by_bot ? html`<${Mark} size=${24} />` : html`<${Icon} name=${message ? "coach" : "alert"} />`}
      <div class="toast-words">${message && html`<b>${nameOf(message)} · ${placeName(message)}</b>`}<p>${notice.text}</p></div>
      ${message && html`<button type="button" class="small" onClick=${open}>${words.open}</button>`}
      <button type="button" class="plain-icon" onClick=${() => dismiss(notice.id)} aria-label=${words.dismiss}><${Icon} name="close" size=${14} /></button>
    </div>
  `;
}

function placeName(message) {
  const room = state.rooms.value.get(message.channel);
  return !room || room.is_im ? words.coach : `#${room.name}`;
}

/** Go to a message, and show which it is. */
export function visit(message) {
  const room = state.rooms.value.get(message.channel);
  const place = room?.is_im && !room.is_notes ? "coach" : message.channel;
  const thread = message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : "";
  go({ place, thread });
  state.sought.value = message.ts;
  setTimeout(() => point(document.getElementById(`m-${message.ts}`)), 120);
}

/** Bring an element into sight and mark it for a moment. */
export function point(element) {
  if (!element) return;
  element.scrollIntoView({ block: "start" });
  element.classList.add("pointed");
  element.focus({ preventScroll: true });
  setTimeout(() => element.classList.remove("pointed"), 2400);
}
