// Text on the page: mrkdwn, plain text, emoji and names, all as nodes and never as HTML.
import { html } from "htm/preact";
import { useMemo } from "preact/hooks";
import { moment, parse } from "./mrkdwn.js";
import { words } from "./words.js";
import { lazily, lookup, useWorld } from "./world.js";

const EMOJI_NAME = /:([a-z0-9_+'-]{1,60}):/g;

/** The names of all emoji, as Slack spells them: name -> characters. */
const useEmojiTable = lazily(async () => {
  const answer = await fetch(new URL("../vendor/emojibase/iamcal.json", import.meta.url));
  const named = Object.entries(await answer.json());
  return new Map(named.flatMap(([code, names]) => [names].flat().map((name) => [name, characters(code)])));
});

function characters(code) {
  const drawn = String.fromCodePoint(...code.split("-").map((point) => parseInt(point, 16)));
  return /^\p{Emoji_Presentation}/u.test(drawn) || drawn.length > 2 ? drawn : `${drawn}\uFE0F`;
}

/** An emoji by its name; the name itself where it is not known. */
export function Emoji({ name }) {
  const drawn = useEmojiTable()?.get(name);
  if (!drawn) return `:${name}:`;
  return html`<span class="b-emoji" role="img" aria-label=${name.replaceAll("_", " ")}>${drawn}</span>`;
}

/** A link that opens elsewhere; the address is known to be safe. */
export function Link({ href, children }) {
  return html`<a class="b-link" href=${href} target="_blank" rel="noopener noreferrer nofollow">${children}</a>`;
}

export function User({ id, text }) {
  const { people } = useWorld();
  const person = lookup(people, id);
  return html`<span class="b-mention">@${person?.real_name || person?.name || text || words.unknownPerson}</span>`;
}

export function Channel({ id, text }) {
  const { channels } = useWorld();
  return html`<span class="b-mention">#${lookup(channels, id)?.name || text || words.unknownChannel}</span>`;
}

/** `@here` and its kind, or a group by its label. */
export function Special({ id, text }) {
  return html`<span class="b-mention">${words.everyone[id] ?? (text || `@${id.split("^")[0]}`)}</span>`;
}

export function When(node) {
  const { locale, tz } = useWorld();
  const at = new Date(node.at * 1000);
  if (Number.isNaN(at.getTime())) return node.text;
  return html`<time datetime=${at.toISOString()} title=${at.toLocaleString(locale)}>
    ${moment(node, locale, tz)}
  </time>`;
}

const NODES = {
  text: (node) => node.text,
  bold: (node) => html`<strong>${nodes(node.children)}</strong>`,
  italic: (node) => html`<em>${nodes(node.children)}</em>`,
  strike: (node) => html`<s>${nodes(node.children)}</s>`,
  code: (node) => html`<code class="b-code">${node.text}</code>`,
  emoji: (node) => html`<${Emoji} name=${node.text} />`,
  link: (node) => html`<${Link} href=${node.href}>${node.text}<//>`,
  user: (node) => html`<${User} ...${node} />`,
  channel: (node) => html`<${Channel} ...${node} />`,
  special: (node) => html`<${Special} ...${node} />`,
  date: (node) => html`<${When} ...${node} />`,
};

const nodes = (list) => list.map((node) => NODES[node.kind](node));
const lines = (list) => list.map((line, at) => [at > 0 && html`<br />`, nodes(line)]);

const PARTS = {
  lines: (block) => html`<p class="b-lines">${lines(block.lines)}</p>`,
  quote: (block) => html`<blockquote class="b-quote">${lines(block.lines)}</blockquote>`,
  list: (block) => html`<ul class="b-list">${block.items.map((item) => html`<li>${nodes(item)}</li>`)}</ul>`,
  pre: (block) => html`<pre class="b-pre" tabindex="0"><code>${block.text}</code></pre>`,
};

/** A mrkdwn text as paragraphs, lists and quotes. */
export function Mrkdwn({ text, verbatim = false }) {
  const blocks = useMemo(() => parse(String(text ?? ""), { links: !verbatim }), [text, verbatim]);
  return html`<div class="b-mrkdwn">${blocks.map((block) => PARTS[block.kind](block))}</div>`;
}

/** A mrkdwn text within a line: no paragraphs of its own. */
function Inline({ text, verbatim }) {
  const blocks = useMemo(() => parse(String(text ?? ""), { links: !verbatim }), [text, verbatim]);
  const shown = blocks.map((block) => {
    if (block.kind === "pre") return html`<code class="b-code">${block.text}</code>`;
    return lines(block.lines ?? block.items);
  });
  return html`<span class="b-inline">${shown.map((part, at) => [at > 0 && html`<br />`, part])}</span>`;
}

/** Plain text, with emoji by name where the text allows them. */
export function plain(text, emoji = true) {
  const whole = String(text ?? "");
  if (!emoji || !whole.includes(":")) return whole;
  return whole.split(EMOJI_NAME).map((part, at) => (at % 2 ? html`<${Emoji} name=${part} />` : part));
}

/** A text object of either kind within a line. */
export function Text({ of }) {
  if (of?.type === "mrkdwn") return html`<${Inline} text=${of.text} verbatim=${of.verbatim} />`;
  return html`<span class="b-plain">${plain(of?.text, of?.emoji !== false)}</span>`;
}

/** A text object that stands by itself. */
export function Passage({ of }) {
  if (of?.type === "mrkdwn") return html`<${Mrkdwn} text=${of.text} verbatim=${of.verbatim} />`;
  return html`<p class="b-lines b-plain">${plain(of?.text, of?.emoji !== false)}</p>`;
}

/** What a text object says, without any mark: for names and labels. */
export const spoken = (of) => (typeof of === "string" ? of : String(of?.text ?? ""));
