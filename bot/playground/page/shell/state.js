// What this person sees, as signals, and how each event of the feed changes it. No effects but these.
import { batch, signal } from "@preact/signals";

export const me = signal(null);
export const people = signal(new Map()); // id -> person
export const rooms = signal(new Map()); // id -> conversation
export const commands = signal([]);
export const steps = signal([]); // of the guided tour
export const product = signal("");
export const bot = signal("");
export const home = signal(null);
export const modals = signal([]);
export const statuses = signal(new Map()); // channel|thread -> {status, lines}
export const prompts = signal(new Map()); // channel|thread -> {title, prompts}
export const titles = signal(new Map()); // channel|thread -> title
export const wire = signal([]); // newest last
export const link = signal("connecting"); // connecting, up, down
export const ready = signal(false); // the state on connecting is complete
export const changes = signal(0); // counts changes of messages
export const echoes = signal([]); // what this person typed here: commands leave no message in Slack
export const sought = signal(""); // the time stamp of the message somebody wants to see
export const waiting = signal(new Map()); // channel|thread -> what was asked, until something comes

const WIRE_KEPT = 2000;
const messages = new Map(); // channel -> ts -> message
const listeners = new Set(); // told of every live message

export const key = (channel, thread = "") => `${channel}|${thread || ""}`;

/** Call `heard(message, isNew)` for every message that comes after the first state. */
export function onLive(heard) {
  listeners.add(heard);
}

/** The messages of a conversation outside threads, oldest first, what was typed here among them. */
export function timeline(channel) {
  changes.value;
  const own = echoes.value.filter((echo) => echo.channel === channel && echo.as === me.value?.id);
  return [...inRoom(channel).filter(isRoot), ...own].sort(byTime);
}

/** The replies in a thread, oldest first. */
export function replies(channel, thread) {
  changes.value;
  return inRoom(channel).filter((message) => message.thread_ts === thread && message.ts !== thread).sort(byTime);
}

/** The replies of every thread of a conversation: thread -> replies. */
export function threads(channel) {
  changes.value;
  const found = new Map();
  for (const message of inRoom(channel)) {
    if (isRoot(message)) continue;
    found.set(message.thread_ts, [...(found.get(message.thread_ts) ?? []), message]);
  }
  for (const list of found.values()) list.sort(byTime);
  return found;
}

export const message = (channel, ts) => messages.get(channel)?.get(ts);
export const everything = () => (changes.value, [...messages.values()].flatMap((room) => [...room.values()]));

/** The person's direct messages with the bot. */
export const direct = () => [...rooms.value.values()].find((room) => room.is_im && !room.is_notes);

/** Take these events of the feed into the state, at once. */
export function apply(events) {
  batch(() => {
    for (const event of events) effects[event.kind]?.(event);
  });
}

/** Start anew: another person, or a connection made again. */
export function forget() {
  batch(() => {
    messages.clear();
    ready.value = false;
    home.value = null;
    modals.value = [];
    for (const kept of [statuses, prompts, titles, waiting]) kept.value = new Map();
    changes.value += 1;
  });
}

export function wait(channel, thread, line) {
  waiting.value = new Map(waiting.value).set(key(channel, thread), line);
}

export function served(channel, thread) {
  const left = new Map(waiting.value);
  if (left.delete(key(channel, thread))) waiting.value = left;
}

const byTime = (a, b) => Number(a.ts) - Number(b.ts);
const isRoot = (message) => !message.thread_ts || message.thread_ts === message.ts;
const inRoom = (channel) => [...(messages.get(channel)?.values() ?? [])];
const byId = (items) => new Map(items.map((item) => [item.id, item]));

const effects = {
  hello(event) {
    forget();
    me.value = event.me;
    people.value = byId(event.people);
    rooms.value = byId(event.conversations);
    commands.value = event.commands ?? [];
    steps.value = event.tour ?? [];
    product.value = event.title ?? "";
    bot.value = event.bot;
  },
  tour({ tour }) {
    steps.value = tour;
  },
  ready() {
    ready.value = true;
    changes.value += 1;
  },
  message({ message }) {
    const room = messages.get(message.channel) ?? new Map();
    const isNew = !room.has(message.ts);
    messages.set(message.channel, room.set(message.ts, message));
    changes.value += 1;
    if (message.by_bot || message.user === "USLACKBOT") settle(message);
    if (ready.value) for (const heard of listeners) heard(message, isNew);
  },
  gone({ channel, ts }) {
    messages.get(channel)?.delete(ts);
    changes.value += 1;
  },
  conversation({ conversation }) {
    rooms.value = new Map(rooms.value).set(conversation.id, conversation);
  },
  home({ view }) {
    home.value = view;
  },
  modal({ views }) {
    modals.value = views ?? [];
    if (modals.value.length) waiting.value = new Map();
  },
  status({ channel, thread_ts, status, lines }) {
    const next = new Map(statuses.value);
    if (status) next.set(key(channel, thread_ts), { status, lines: lines ?? [] });
    else next.delete(key(channel, thread_ts));
    statuses.value = next;
  },
  prompts({ channel, thread_ts, title, prompts: offered }) {
    prompts.value = new Map(prompts.value).set(key(channel, thread_ts), { title, prompts: offered ?? [] });
  },
  title({ channel, thread_ts, title }) {
    titles.value = new Map(titles.value).set(key(channel, thread_ts), title);
  },
  wire({ record }) {
    wire.value = [...wire.value.filter((one) => one.n !== record.n), record].slice(-WIRE_KEPT);
  },
};

function settle(message) {
  served(message.channel, message.thread_ts);
  served(message.channel, "");
}
