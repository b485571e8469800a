// One message: who, when, for whom; its words, blocks, files and reactions.
import { html } from "htm/preact";
import { Component } from "preact";
import { Blocks } from "../blocks/index.js";
import * as state from "./state.js";
import * as actions from "./actions.js";
import { Files } from "./files.js";
import { Avatar, Icon, Mark } from "./icons.js";
import { isUnasked } from "./notices.js";
import { theme } from "./look.js";
import { clock, moment } from "./time.js";
import { words } from "./words.js";

/** A message, drawn anew only when it, its replies or the look have changed. */
export class Message extends Component {
  shouldComponentUpdate(next) {
    return ["message", "count", "look", "compact"].some((name) => next[name] !== this.props[name]);
  }
  render({ message, count = 0, open = null, compact = false }) {
    return message.typed ? html`<${Asked} message=${message} />` : html`<${Sheet} ...${{ message, count, open, compact }} />`;
  }
}

/** A command as it was typed; Slack keeps none, this page does. */
const Asked = ({ message }) => html`
  <article class="asked mine" id=${`m-${message.ts}`} tabindex="-1" data-item aria-label=${words.from(nameOf(message), message.text)}>
    <${Avatar} person=${personOf(message)} size=${22} />
    <code>${message.text}</code>
    <${When} ts=${message.ts} />
  </article>
`;

function Sheet({ message, count, open, compact }) {
  const kind = message.by_bot ? "by-bot" : message.user === "USLACKBOT" ? "by-slack" : "by-person";
  const mine = message.user === state.me.value?.id ? "mine" : "";
  const classes = `message ${kind} ${mine} ${message.ephemeral ? "ephemeral" : ""} ${isUnasked(message) ? "unasked" : ""} ${message.streaming ? "streaming" : ""} ${message.edited ? "edited" : ""}`;
  return html`
    <article class=${classes} id=${`m-${message.ts}`} tabindex="-1" data-item data-ts=${message.ts} aria-label=${words.from(nameOf(message), message.text.slice(0, 200))}>
      <${Head} message=${message} />
      <div class="message-body">
        <${Body} message=${message} />
        ${message.files?.length > 0 && html`<${Files} files=${message.files} />`}
        ${message.reactions?.length > 0 && html`<${Reactions} reactions=${message.reactions} />`}
      </div>
      ${open && !compact && html`<${Foot} message=${message} count=${count} open=${open} />`}
    </article>
  `;
}

const Head = ({ message }) => html`
  <header class="message-head">
    ${message.by_bot ? html`<${Mark} size=${22} />` : html`<${Avatar} person=${personOf(message)} size=${22} />`}
    <b class="message-who">${nameOf(message)}</b>
    <${When} ts=${message.ts} />
    ${message.edited && html`<span class="message-note">${words.edited}</span>`}
    <span class="message-marks">
      ${isUnasked(message) && html`<span class="chip"><${Icon} name="bell" size=${14} />${words.unasked}</span>`}
      ${message.ephemeral && html`<span class="chip"><${Icon} name="eye" size=${14} />${words.onlyYou}</span>`}
      ${message.streaming && html`<button type="button" class="small" onClick=${() => actions.stop(message.channel, message.thread_ts || message.ts)} aria-label=${words.stopLong}><${Icon} name="stop" size=${12} />${words.stop}</button>`}
    </span>
  </header>
`;

const When = ({ ts }) => html`<time class="message-when" dateTime=${new Date(Number(ts) * 1000).toISOString()} title=${moment(ts)}>${clock(ts)}</time>`;

function Body({ message }) {
  const act = (what) => actions.click(message, what);
  return html`
    <${Blocks} blocks=${shown(message)} surface="message" act=${act} people=${state.people.value} channels=${state.rooms.value} values=${NONE} setValue=${ignore} errors=${NO_ERRORS} theme=${theme.value} />
    ${message.streaming && html`<span class="hidden">${words.writing}</span>`}
  `;
}

/** Its blocks; the words of a stream stand above them, and stand alone where there are none. */
function shown(message) {
  const blocks = message.blocks ?? [];
  const streamed = message.streamed || message.streaming;
  if (!message.text || (blocks.length && !streamed)) return blocks;
  const text = streamed ? { type: "markdown", text: message.text } : { type: "section", text: { type: "mrkdwn", text: message.text } };
  return [text, ...blocks];
}

const Reactions = ({ reactions }) => html`
  <ul class="reactions">
    ${reactions.map((one) => html`<li key=${one.name}><${Blocks} blocks=${[{ type: "context", elements: [{ type: "mrkdwn", text: `:${one.name}: ${one.count}` }] }]} surface="message" act=${ignore} people=${state.people.value} channels=${state.rooms.value} values=${NONE} setValue=${ignore} errors=${NO_ERRORS} theme=${theme.value} /></li>`)}
  </ul>
`;

const Foot = ({ message, count, open }) => html`
  <footer class="message-foot">
    <button type="button" class="link" onClick=${() => open(message)}><${Icon} name="thread" size=${15} />${count ? words.replies(count) : words.openThread}</button>
  </footer>
`;

export const personOf = (message) => state.people.value.get(message.user);
export function nameOf(message) {
  if (message.by_bot) return words.brand;
  if (message.user === "USLACKBOT") return "Slackbot";
  const person = personOf(message);
  return person?.real_name || person?.name || message.user;
}

const NONE = new Map();
const NO_ERRORS = {};
const ignore = () => {};
