// What stands where there is nothing yet: a sentence, and things to try.
import { html } from "htm/preact";
import { Mark } from "./icons.js";
import { words } from "./words.js";

export const Empty = ({ title, text, tries = [], take, children }) => html`
  <div class="empty">
    <${Mark} size=${40} />
    <h2>${title}</h2>
    <p>${text}</p>
    ${tries.length > 0 && html`<ul>${tries.map((line) => html`<li key=${line}><button type="button" class=${`try ${line.startsWith("/") ? "mono" : ""}`} onClick=${() => take(line)}>${line}</button></li>`)}</ul>`}
    ${children}
  </div>
`;

export const Connecting = () => html`<div class="empty" role="status"><${Mark} size=${40} /><p>${words.connecting}</p></div>`;
