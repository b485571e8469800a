// Standard Markdown as nodes: marked reads it, we draw it. Raw HTML in it stays text.
import { html } from "htm/preact";
import { useMemo } from "preact/hooks";
import { safeAddress } from "./mrkdwn.js";
import { Link, plain } from "./text.js";
import { words } from "./words.js";
import { lazily } from "./world.js";

const useMarked = lazily(() => import("../vendor/marked/marked.esm.js"));
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#39;": "'", "&nbsp;": "\u00a0" };
const decoded = (text) => text.replace(/&(?:lt|gt|amp|quot|nbsp|#39);/g, (entity) => ENTITIES[entity]);
const written = (token) => plain(decoded(token.text ?? token.raw ?? ""));

function linked(token) {
  const href = safeAddress(token.href ?? "");
  const shown = token.tokens ? draw(token.tokens) : token.text || token.href;
  return href ? html`<${Link} href=${href}>${shown}<//>` : shown;
}

function listed(token) {
  const items = token.items.map((item) => html`<li class=${item.task ? "b-task-item" : ""}>${draw(item.tokens)}</li>`);
  return html`<${token.ordered ? "ol" : "ul"} class="b-list" start=${token.start || undefined}>${items}<//>`;
}

const cell = (tag, token, align) => html`<${tag} data-align=${align ?? "left"}>${draw(token.tokens)}<//>`;

function tabled(token) {
  const head = token.header.map((one, at) => cell("th", one, token.align[at]));
  const rows = token.rows.map((row) => html`<tr>${row.map((one, at) => cell("td", one, token.align[at]))}</tr>`);
  return html`<div class="b-scroll" tabindex="0">
    <table class="b-table"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>
  </div>`;
}

const TOKENS = {
  space: () => null,
  def: () => null,
  hr: () => html`<hr class="b-divider" />`,
  br: () => html`<br />`,
  heading: (token) => html`<div class="b-heading" role="heading" aria-level=${Math.max(token.depth + 1, 3)} data-depth=${token.depth}>${draw(token.tokens)}</div>`,
  paragraph: (token) => html`<p class="b-lines">${draw(token.tokens)}</p>`,
  text: (token) => (token.tokens ? draw(token.tokens) : written(token)),
  escape: (token) => token.text,
  html: (token) => token.raw,
  strong: (token) => html`<strong>${draw(token.tokens)}</strong>`,
  em: (token) => html`<em>${draw(token.tokens)}</em>`,
  del: (token) => html`<s>${draw(token.tokens)}</s>`,
  codespan: (token) => html`<code class="b-code">${decoded(token.text)}</code>`,
  code: (token) => html`<pre class="b-pre" tabindex="0"><code>${token.text}</code></pre>`,
  blockquote: (token) => html`<blockquote class="b-quote">${draw(token.tokens)}</blockquote>`,
  checkbox: (token) => html`<input type="checkbox" disabled checked=${token.checked} aria-label=${token.checked ? words.done : words.open} /> `,
  list: listed,
  table: tabled,
  link: linked,
  image: linked,
};

const draw = (tokens = []) => tokens.map((token) => (TOKENS[token.type] ?? written)(token));

export function Markdown({ block }) {
  const marked = useMarked();
  const text = String(block.text ?? "");
  const tokens = useMemo(() => marked?.lexer(text, { gfm: true, breaks: true }), [marked, text]);
  return html`<div class="b-mrkdwn b-markdown">${tokens ? draw(tokens) : html`<p class="b-lines b-plain">${text}</p>`}</div>`;
}
