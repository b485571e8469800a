// rich_text: Slack's own editor format, as nodes.
import { html } from "htm/preact";
import { safeAddress } from "./mrkdwn.js";
import { Channel, Emoji, Link, Special, User, When } from "./text.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code" };

/** The text within the styles that are on. */
function dressed(style, content) {
  const on = Object.keys(STYLES).filter((name) => style?.[name]);
  return on.reduce((inner, name) => html`<${STYLES[name]} class=${name === "code" ? "b-code" : ""}>${inner}<//>`, content);
}

function linked(element) {
  const href = safeAddress(element.url ?? "");
  const shown = element.text || element.url;
  return href ? html`<${Link} href=${href}>${shown}<//>` : shown;
}

const INLINE = {
  text: (element) => element.text,
  link: linked,
  emoji: (element) => html`<${Emoji} name=${element.name} />`,
  user: (element) => html`<${User} id=${element.user_id} />`,
  usergroup: (element) => html`<${Special} id="group" text="" />`,
  channel: (element) => html`<${Channel} id=${element.channel_id} />`,
  broadcast: (element) => html`<${Special} id=${element.range} />`,
  date: (element) => html`<${When} at=${element.timestamp} format=${element.format ?? ""} text=${element.fallback ?? ""} />`,
  color: (element) => html`<code class="b-code">${element.value}</code>`,
};

const inline = (elements = []) =>
  elements.map((element) => dressed(element.style, INLINE[element.type]?.(element) ?? element.text ?? ""));

function list(part) {
  const tag = part.style === "ordered" ? "ol" : "ul";
  const items = (part.elements ?? []).map((item) => html`<li>${inline(item.elements)}</li>`);
  const start = part.offset ? part.offset + 1 : undefined;
  return html`<${tag} class="b-list" data-indent=${part.indent ?? 0} start=${start}>${items}<//>`;
}

const PARTS = {
  rich_text_section: (part) => html`<p class="b-lines b-plain">${inline(part.elements)}</p>`,
  rich_text_list: list,
  rich_text_quote: (part) => html`<blockquote class="b-quote b-plain">${inline(part.elements)}</blockquote>`,
  rich_text_preformatted: (part) => html`<pre class="b-pre" tabindex="0"><code>${inline(part.elements)}</code></pre>`,
};

export function RichText({ block }) {
  const parts = (block.elements ?? []).map((part) => PARTS[part.type]?.(part));
  return html`<div class="b-mrkdwn">${parts}</div>`;
}
