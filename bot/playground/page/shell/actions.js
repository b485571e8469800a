// What a person does, sent to the playground. Each answers at once; what comes of it arrives by the feed.
import * as state from "./state.js";
import { notify } from "./notices.js";
import { words } from "./words.js";

const ECHOES_KEPT = 200;

/** Type a slash command where one is. */
export function command(channel, line) {
  echo(channel, line);
  state.wait(channel, "", line);
  return post("command", { channel, line });
}

/** Write a message; `thread` is the message answered to. */
export function say(channel, text, thread = "") {
  state.wait(channel, thread, text);
  return post("say", { channel, text: mentioned(text), ...(thread && { thread_ts: thread }) });
}

/** Use an element of a message. */
export function click(message, { action_id, value }) {
  return post("click", { ts: message.ts, action_id, value });
}

export const clickHome = ({ action_id, value }) => post("click", { action_id, value });
export const clickModal = ({ action_id, value }, values) => post("click", { modal: true, action_id, value, values });
export const openHome = () => post("home", {});
export const openMessages = () => post("home", { tab: "messages" });
export const stop = (channel, thread_ts) => post("stop", { channel, thread_ts });
export const closeModal = () => post("close", {});

/** Send a modal off; what the app answered, sentences about inputs among it. */
export const submit = (values) => post("submit", { values, wait: true });

async function post(name, body) {
  try {
    const response = await fetch(`/control/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: state.me.value.id, wait: false, ...body }),
    });
    const answer = await response.json();
    if (answer.error && (!response.ok || name !== "submit")) tell(answer.error);
    return answer;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch: the playground cannot be reached
    tell(words.failed);
    return { error: words.failed };
  }
}

/** A sentence in the corner; nothing is waited for any more. */
export function tell(sentence) {
  state.waiting.value = new Map();
  if (sentence !== "no_reply") notify({ kind: "error", text: sentence });
}

/** A command leaves no message in Slack; here the reader still finds what was asked. */
function echo(channel, line) {
  const last = state.timeline(channel).at(-1);
  const ts = Math.max(Date.now() / 1000, Number(last?.ts ?? 0) + 0.000001);
  const asked = { ts: ts.toFixed(6), channel, as: state.me.value.id, user: state.me.value.id, text: line, typed: true };
  state.echoes.value = [...state.echoes.value, asked].slice(-ECHOES_KEPT);
}

function mentioned(text) {
  const ids = new Map([...state.people.value.values()].map((person) => [person.name, person.id]));
  return text.replace(/(^|\s)@([\w.-]+)/g, (all, before, name) => (ids.has(name) ? `${before}<@${ids.get(name)}>` : all));
}
