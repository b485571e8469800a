// A conversation: its messages with day separators, newest in sight, and a thread of it at the side.
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as state from "./state.js";
import { Message } from "./message.js";
import { Empty } from "./empty.js";
import { Icon, Mark } from "./icons.js";
import { arrowKeys } from "./keys.js";
import { theme } from "./look.js";
import { isUnasked, markRead, seenUntil } from "./notices.js";
import { day, dayOf } from "./time.js";
import { words } from "./words.js";

const FIRST = 24; // messages on the page at first: the newest
const MORE = 12; // come on when one scrolls near the upper or lower end of those
const MOST = 72; // stay on the page; those furthest off leave it
const TAIL = { from: null, to: null }; // the newest, and all that come
const SOON = 1500; // px of what is on the page beyond what is seen
const ABOVE = 16; // px left free above what is shown from its top
const NEAR = 80; // px from the end that count as being there
const PATIENCE = 15000; // ms in which what comes is taken for the answer to a button

/** The messages of a channel; in direct messages a question's answers stand right under it. */
export function Timeline({ channel, inline, open, empty }) {
  const all = state.timeline(channel);
  const answers = state.threads(channel);
  const [since] = useState(() => seenUntil(channel));
  const items = all.map((message) => ({ message, replies: answers.get(message.ts) ?? [], inline: inline && isQuestion(message) }));
  return html`<${Scroller} key=${channel} channel=${channel} thread="" items=${items} since=${since} open=${open} empty=${empty} />`;
}

/** The replies in a thread, under the message they are about. */
export function ThreadMessages({ channel, thread }) {
  const root = state.message(channel, thread);
  const items = [root, ...state.replies(channel, thread)].filter(Boolean).map((message) => ({ message, replies: [], inline: false }));
  return html`<${Scroller} key=${thread} channel=${channel} thread=${thread} items=${items} since=${Infinity} />`;
}

const isQuestion = (message) => !message.typed && message.user === state.me.value?.id;

function Scroller({ channel, thread, items, since, open, empty }) {
  const [part, setPart] = useState(TAIL);
  const [behind, setBehind] = useState(0);
  const box = useRef(null);
  const place = useRef({ atEnd: true, newest: null, isFirst: true, kept: "", goal: "", pressed: 0, held: null });
  const { from = Math.max(0, items.length - FIRST), to = items.length } = given(part);
  const visible = items.slice(from, to);
  const newest = latest(items);
  const asked = latest(items, state.me.value?.id);
  const busy = state.waiting.value.has(state.key(channel, thread));
  const doing = state.statuses.value;

  useLayoutEffect(() => hold(box.current, place.current), [part]);
  useLayoutEffect(() => keepPlace(box.current, place.current, { newest, asked }, { setBehind, toTail }));
  useEffect(() => stayWhileGrowing(box.current, place.current), []);
  useEffect(seen);
  useEffect(() => seek(items, { from, to }, setPart), [state.sought.value]);
  function toTail() {
    if (part.to !== null) setPart(TAIL);
    return part.to !== null;
  }
  function seen() {
    if (!thread && newest && !document.hidden && inSight(box.current, newest)) markRead(channel, newest.ts);
  }
  function scrolled() {
    if (!box.current) return; // it left the page with the place it was in
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    place.current.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (place.current.atEnd || (newest && inSight(box.current, newest))) setBehind(0);
    seen();
    const next = moved({ from, to }, items.length, scrollTop, scrollHeight - scrollTop - clientHeight);
    if (!next) return;
    place.current.held = firstSeen(box.current);
    setPart(next);
  }
  const pressed = ({ target }) => {
    if (target.closest(".message-body button, .message-body select")) place.current.pressed = Date.now();
  };
  function toEnd() {
    place.current.atEnd = true;
    if (!toTail()) box.current.scrollTo({ top: box.current.scrollHeight, behavior: "smooth" });
  }
  return html`
    <div class="scroller">
      <div class="messages" ref=${box} role="log" aria-live="off" aria-label=${thread ? words.thread : words.messages} tabindex="0" onScroll=${scrolled} onClick=${pressed} onKeyDown=${arrowKeys}>
        <div class="messages-inner">
          ${!items.length && !busy && empty}
          ${visible.map((item, index) => html`<${Entry} key=${item.message.ts} item=${item} before=${visible[index - 1]?.message} since=${since} channel=${channel} open=${open} doing=${doing} />`)}
          ${busy && !statusOf(doing, channel, thread) && html`<${Working} text=${words.working} />`}
          ${statusOf(doing, channel, thread) && html`<${Working} ...${statusOf(doing, channel, thread)} />`}
        </div>
      </div>
      ${behind > 0 && html`<button type="button" class="jump" onClick=${toEnd}><${Icon} name="down" size=${14} />${words.jump(behind)}</button>`}
    </div>
  `;
}

const statusOf = (doing, channel, thread) => {
  const found = doing.get(state.key(channel, thread));
  return found && { text: `${words.brand} ${found.status}`, lines: found.lines };
};

function Entry({ item, before, since, channel, open, doing }) {
  const { message, replies, inline } = item;
  const newDay = !before || dayOf(before.ts) !== dayOf(message.ts);
  const isFresh = before && Number(before.ts) <= since && Number(message.ts) > since && since > 0 && !message.typed;
  const status = inline && statusOf(doing, channel, message.ts);
  const asking = inline && !status && !replies.length && state.waiting.value.has(state.key(channel, ""));
  return html`
    ${newDay && html`<h2 class="day"><span>${day(message.ts)}</span></h2>`}
    ${isFresh && html`<p class="fresh"><span>${words.fresh}</span></p>`}
    <${Message} message=${message} count=${inline ? 0 : replies.length} open=${open} compact=${inline || message.ephemeral} look=${theme.value} />
    ${inline && (replies.length > 0 || status || asking) && html`
      <div class="answers">
        ${replies.map((reply) => html`<${Message} key=${reply.ts} message=${reply} compact look=${theme.value} />`)}
        ${status && html`<${Working} ...${status} />`}
        ${replies.length > 0 && !status && html`<button type="button" class="link follow" onClick=${() => open(message)}><${Icon} name="thread" size=${15} />${words.thread}</button>`}
      </div>`}
  `;
}

const TURN = 2600; // ms a line is shown

/** What the coach says it is doing, line after line. */
export function Working({ text, lines = [] }) {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (lines.length < 2) return undefined;
    const timer = setInterval(() => setTurn((now) => now + 1), TURN);
    return () => clearInterval(timer);
  }, [lines.length]);
  return html`
    <p class="working" role="status">
      <${Mark} size=${22} /><span class="working-dots" aria-hidden="true"><i></i><i></i><i></i></span>
      <span>${lines.length ? lines[turn % lines.length] : text}</span>
    </p>
  `;
}

/** The newest message of all that is listed, replies included; with `user`, of theirs. */
function latest(items, user = "") {
  const all = items.flatMap((item) => (item.inline ? [item.message, ...item.replies] : [item.message]));
  return all.filter((one) => !user || one.user === user).reduce((newest, one) => (!newest || Number(one.ts) >= Number(newest.ts) ? one : newest), undefined);
}

/** Stay at the end while things arrive there; who reads further up is only told how many have come. */
function keepPlace(box, place, { newest, asked }, { setBehind, toTail }) {
  if (!newest) return;
  const before = place.newest;
  const isNew = !before || Number(newest.ts) > Number(before.ts);
  place.newest = newest;
  if (before && isNew) place.isFirst = false;
  const answers = isNew && before && !isPicture(newest) && Date.now() - place.pressed < PATIENCE;
  if (answers) place.pressed = 0;
  const isOwn = before && asked && Number(asked.ts) > Number(before.ts); // its answer may be here with it
  if (isOwn || answers) place.goal = place.kept = isOwn ? asked.ts : newest.ts;
  else if (isNew && isUnasked(newest)) place.kept = newest.ts;
  if (place.goal && toTail()) return; // here again once it is on the page
  if (place.goal) toMessage(box, place);
  else if (place.atEnd) toNewest(box, place);
  else if (isNew && !inSight(box, newest)) setBehind((count) => count + 1);
}

/** Pictures and charts come later than their message: keep the place as it grows. */
function stayWhileGrowing(box, place) {
  const growing = new ResizeObserver(() => place.atEnd && place.newest && toNewest(box, place));
  growing.observe(box);
  growing.observe(box.firstElementChild);
  return () => growing.disconnect();
}

/** Does the message begin within what is seen? */
function inSight(box, message) {
  const element = document.getElementById(`m-${message.ts}`);
  return element && element.getBoundingClientRect().top < box.getBoundingClientRect().bottom - ABOVE;
}

/** To the end; but what was asked or answered last stays in sight, from its beginning. */
function toNewest(box, { kept, isFirst }) {
  const end = box.scrollHeight - box.clientHeight;
  const from = isFirst ? null : document.getElementById(`m-${kept}`);
  const next = from ? Math.min(end, from.offsetTop - ABOVE) : end;
  if (next - box.scrollTop > 1) box.scrollTop = next;
}

/** A picture belongs to an answer that is there already. */
const isPicture = (message) => message.blocks?.length > 0 && message.blocks.every((block) => block.type === "image");

/** To where a message begins: one's own, or the answer to a button that was pressed. */
function toMessage(box, place) {
  const begins = document.getElementById(`m-${place.goal}`)?.offsetTop - ABOVE;
  if (begins) box.scrollTop = begins;
  place.goal = "";
}

/** Those of a part that are numbers. */
const given = (part) => Object.fromEntries(Object.entries(part).filter(([, at]) => at !== null));

/** The messages that belong on the page when so many px lie above and below what is seen; null: these do. */
function moved({ from, to }, count, above, below) {
  if (above < SOON && from > 0) {
    const first = Math.max(0, from - MORE);
    return { from: first, to: upTo(Math.min(to, first + MOST), count) };
  }
  if (below < SOON && to < count) {
    const last = Math.min(count, to + MORE);
    return { from: Math.max(from, last - MOST), to: upTo(last, count) };
  }
  return below < NEAR && to - from > MOST ? { from: count - MOST, to: null } : null;
}

const upTo = (to, count) => (to === count ? null : to);

/** Bring the message that is sought onto the page. */
function seek(items, { from, to }, setPart) {
  const isIt = (one) => one.ts === state.sought.value;
  const at = items.findIndex((item) => isIt(item.message) || item.replies.some(isIt));
  if (at < 0 || (at >= from && at < to)) return;
  setPart({ from: Math.max(0, at - MORE), to: upTo(Math.min(items.length, at + MORE), items.length) });
}

/** The first message that is seen, and where it stands. */
function firstSeen(box) {
  const { top } = box.getBoundingClientRect();
  const found = [...box.querySelectorAll("[data-item]")].find((one) => one.getBoundingClientRect().bottom > top);
  return found && { id: found.id, top: found.getBoundingClientRect().top };
}

/** Messages came or left above: what is looked at stays where it is. */
function hold(box, place) {
  const now = place.held && document.getElementById(place.held.id)?.getBoundingClientRect().top;
  if (now) box.scrollTop += now - place.held.top;
  place.held = null;
}
