// The inspector: every call of the app and every payload to it, with what was sent and answered.
import { html } from "htm/preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import * as state from "./state.js";
import { tap } from "./feed.js";
import { Icon } from "./icons.js";
import { JsonTree } from "./jsontree.js";
import { arrowKeys } from "./keys.js";
import { words } from "./words.js";

export const inspecting = signal(false);

const KINDS = ["all", "in", "out", "errors"];
const SHOWN = 300;

/** Open or close the drawer. */
export function inspect(on = !inspecting.value) {
  inspecting.value = on;
  tap(on);
}

export function Inspector() {
  const [typed, setTyped] = useState("");
  const [kind, setKind] = useState("all");
  const [chosen, setChosen] = useState(0);
  const records = state.wire.value;
  const found = useMemo(() => records.filter((one) => fits(one, typed, kind)).slice(-SHOWN).reverse(), [records, typed, kind]);
  const record = records.find((one) => one.n === chosen);
  const empty = records.length ? words.empty.filter : words.empty.wire;
  return html`
    <section class="inspector" aria-labelledby="inspector-title">
      <header class="inspector-head">
        <h2 id="inspector-title">${words.wire.title}</h2>
        <p class="inspector-about">${words.wire.about}</p>
        <label class="search"><${Icon} name="search" size=${15} /><span class="hidden">${words.wire.filter}</span>
          <input type="search" placeholder=${words.wire.filter} value=${typed} onInput=${(event) => setTyped(event.currentTarget.value)} /></label>
        <div class="roles kinds" role="group" aria-label=${words.wire.filter}>
          ${KINDS.map((one) => html`<button type="button" key=${one} aria-pressed=${kind === one} onClick=${() => setKind(one)}>${words.wire[LABELS[one]]}</button>`)}
        </div>
        <button type="button" class="plain-icon" onClick=${() => inspect(false)} aria-label=${words.close}><${Icon} name="close" /></button>
      </header>
      <div class=${`inspector-panes ${record ? "has-record" : ""}`}>
        <div class="records" role="group" aria-label=${words.wire.about} onKeyDown=${arrowKeys}>
          ${found.map((one) => html`<${Line} key=${one.n} record=${one} on=${one.n === chosen} choose=${() => setChosen(one.n)} />`)}
          ${!found.length && html`<div class="quiet"><b>${empty.title}</b><br />${empty.text}</div>`}
        </div>
        ${record ? html`<${Detail} key=${record.n} record=${record} back=${() => setChosen(0)} />` : html`<p class="quiet detail">${words.wire.choose}</p>`}
      </div>
    </section>
  `;
}

const LABELS = { all: "all", in: "fromApp", out: "toApp", errors: "errors" };

const Line = ({ record, on, choose }) => html`
  <button type="button" class=${`record ${record.ok ? "" : "failed"}`} data-item aria-pressed=${on} onClick=${choose}>
    <span class="record-way" title=${words.wire[LABELS[record.direction]]}><span aria-hidden="true">${record.direction === "in" ? "→" : "←"}</span><span class="hidden">${words.wire[LABELS[record.direction]]}</span></span>
    <span class="record-name">${record.name}</span>
    ${!record.ok && html`<span class="record-error">${record.error}</span>`}
    <span class="record-ms">${words.wire.ms(Math.round(record.ms))}</span>
    <span class="record-at">${new Date(record.at * 1000).toLocaleTimeString("en-GB")}</span>
  </button>
`;

function Detail({ record, back }) {
  const [part, setPart] = useState("request");
  const [copied, setCopied] = useState(false);
  const [deep, setDeep] = useState(2);
  useEffect(() => {
    const timer = copied && setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => navigator.clipboard.writeText(JSON.stringify(record[part], null, 2)).then(() => setCopied(true));
  return html`
    <div class="detail">
      <header class="detail-head">
        <button type="button" class="plain-icon only-narrow" onClick=${back} aria-label=${words.guide.back}><${Icon} name="back" /></button>
        <code>${record.name}</code>
        <div class="roles" role="group" aria-label=${record.name}>
          ${["request", "response"].map((one) => html`<button type="button" key=${one} aria-pressed=${part === one} onClick=${() => setPart(one)}>${words.wire[one]}</button>`)}
        </div>
        <button type="button" class="small" onClick=${() => setDeep(deep === 2 ? 9 : 2)} aria-pressed=${deep > 2}>${words.wire.expand}</button>
        <button type="button" class="small" onClick=${copy}><${Icon} name=${copied ? "check" : "copy"} size=${14} /><span aria-live="polite">${copied ? words.wire.copied : words.wire.copy}</span></button>
      </header>
      <div class="json" tabindex="0" role="group" aria-label=${words.wire[part]}><${JsonTree} key=${`${part}${deep}`} value=${record[part]} deep=${deep} /></div>
    </div>
  `;
}

function fits(record, typed, kind) {
  const isKind = kind === "all" || (kind === "errors" ? !record.ok : record.direction === kind);
  if (!isKind || !typed) return isKind;
  const wanted = typed.toLowerCase();
  return `${record.name} ${record.error}`.toLowerCase().includes(wanted) || JSON.stringify(record.request).toLowerCase().includes(wanted);
}
