// JSON as a tree that opens where one looks. Plain <details>, so that the keyboard works.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { words } from "./words.js";

const OPEN_DEPTH = 2;
const LONG = 400; // characters of a text shown before "more"

export function JsonTree({ value, name = "", depth = 0, deep = OPEN_DEPTH }) {
  const parsed = depth > 0 && typeof value === "string" ? inside(value) : value;
  if (parsed === null || typeof parsed !== "object") return html`<div class="json-line"><${Name} name=${name} /><${Leaf} value=${parsed} /></div>`;
  return html`<${Branch} value=${parsed} name=${name} depth=${depth} deep=${deep} />`;
}

function Branch({ value, name, depth, deep }) {
  const [isOpen, setOpen] = useState(depth < deep);
  const entries = Object.entries(value);
  const many = Array.isArray(value) ? words.wire.items(entries.length) : words.wire.fields(entries.length);
  if (!entries.length) return html`<div class="json-line"><${Name} name=${name} /><span class="json-null">${Array.isArray(value) ? "[]" : "{}"}</span></div>`;
  return html`
    <details class="json-branch" open=${isOpen} onToggle=${(event) => event.target === event.currentTarget && setOpen(event.currentTarget.open)}>
      <summary><${Name} name=${name} /><span class="json-many">${value.type && typeof value.type === "string" ? `${value.type} · ${many}` : many}</span></summary>
      ${isOpen && html`<div class="json-inner">${entries.map(([inner, one]) => html`<${JsonTree} key=${inner} name=${inner} value=${one} depth=${depth + 1} deep=${deep} />`)}</div>`}
    </details>
  `;
}

const Name = ({ name }) => (name === "" ? null : html`<span class="json-name">${name}</span>`);

function Leaf({ value }) {
  const kind = value === null ? "null" : typeof value;
  const text = kind === "string" ? value : String(value);
  return html`<span class=${`json-${kind}`}>${text.length > LONG ? `${text.slice(0, LONG)}…` : text || "“”"}</span>`;
}

/** Blocks and views travel as JSON in a text. */
function inside(text) {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
