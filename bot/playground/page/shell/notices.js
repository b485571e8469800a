// Short-lived notices over the page, and unread marks: what came while the reader looked elsewhere.
import { computed, signal } from "@preact/signals";
import * as state from "./state.js";
import { route } from "./route.js";

const SHOWN_FOR = 9000; // ms
const AT_ONCE = 3;
const KEPT = "dealcoach.read";

export const notices = signal([]);
export const spoken = signal(""); // for screen readers
export const read = signal(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}")); // person|channel -> ts

let number = 0;

export function notify(notice) {
  const id = ++number;
  notices.value = [...notices.value, { id, person: state.me.value?.id, ...notice }].slice(-AT_ONCE);
  setTimeout(() => dismiss(id), SHOWN_FOR);
}

export function dismiss(id) {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** How many messages of the bot and of others wait unread, by channel. */
export const unread = computed(() => {
  const found = new Map();
  for (const message of state.everything()) {
    if (message.user === state.me.value?.id || message.ephemeral || message.streaming) continue;
    if (Number(message.ts) > seenUntil(message.channel)) found.set(message.channel, (found.get(message.channel) ?? 0) + 1);
  }
  return found;
});

/** Everything of this channel up to now is read. */
export function markRead(channel, ts) {
  if (Number(ts) <= seenUntil(channel)) return;
  read.value = { ...read.value, [mark(channel)]: Number(ts) };
  sessionStorage.setItem(KEPT, JSON.stringify(read.value));
}

export const seenUntil = (channel) => read.value[mark(channel)] ?? 0;
const mark = (channel) => `${state.me.value?.id}|${channel}`;

/** The conversation in front of the reader; "" for Home. */
export function current() {
  const { place } = route.value;
  if (place === "home") return "";
  return place === "coach" ? (state.direct()?.id ?? "") : place;
}

/** Was it told unasked, as alerts and digests are? Unless the feed says so: answers are ephemeral or in a thread. */
export function isUnasked(message) {
  if (message.unasked !== undefined) return message.unasked;
  return Boolean(message.by_bot && !message.ephemeral && !message.thread_ts && !message.files?.length && message.channel === state.direct()?.id);
}

state.onLive((message, isNew) => {
  if (!isNew || message.user === state.me.value.id || message.streaming) return;
  spoken.value = message.text.slice(0, 300);
  const elsewhere = message.channel !== current() || document.hidden;
  if (isUnasked(message) || elsewhere) notify({ kind: "message", message, text: message.text });
});
