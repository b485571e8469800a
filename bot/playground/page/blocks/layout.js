// Blocks that arrange others or say something by themselves: section, context, card, container, plan and the like.
import { html } from "htm/preact";
import { useId } from "preact/hooks";
import { Block } from "./block.js";
import { Element } from "./elements.js";
import { Icon } from "./icons.js";
import { Picture } from "./pictures.js";
import { RichText } from "./rich.js";
import { Passage, Text, spoken } from "./text.js";
import { words } from "./words.js";
import { lookup, useWorld } from "./world.js";

const NAMED = /^\*([^*\n]+)\*\n([\s\S]+)$/;
const LED = /^\*[^*\n]+[.!?]\* \S/;

export function Header({ block }) {
  return html`<h3 class="b-header" data-level=${block.level ?? 1}><${Text} of=${block.text} /></h3>`;
}

export const Divider = () => html`<hr class="b-divider" />`;

/** A field that is a name in bold above a value is drawn as such. */
function FieldPair({ of }) {
  const pair = of.type === "mrkdwn" && NAMED.exec(of.text);
  if (!pair) return html`<div class="b-pair"><${Passage} of=${of} /></div>`;
  const part = (text) => html`<${Text} of=${{ ...of, text }} />`;
  return html`<div class="b-pair"><dt>${part(pair[1])}</dt><dd>${part(pair[2])}</dd></div>`;
}

export function Section({ block }) {
  const led = block.text?.type === "mrkdwn" && LED.test(block.text.text);
  const fields = block.fields ?? [];
  const Tag = fields.length && fields.every((field) => field.type === "mrkdwn" && NAMED.test(field.text)) ? "dl" : "div";
  return html`<div class="b-section" data-led=${led}>
    <div class="b-section-text">
      ${block.text && html`<${Passage} of=${block.text} />`}
      ${fields.length > 0 && html`<${Tag} class="b-fields" data-three=${fields.length % 3 === 0}>${fields.map((field) => html`<${FieldPair} of=${field} />`)}<//>`}
    </div>
    ${block.accessory && html`<div class="b-accessory"><${Element} element=${block.accessory} block=${block} /></div>`}
  </div>`;
}

export function Context({ block }) {
  const one = (element) => (element.type === "image" ? html`<${Picture} of=${element} small />` : html`<${Text} of=${element} />`);
  return html`<div class="b-context">${block.elements.map((element) => html`<span class="b-context-part">${one(element)}</span>`)}</div>`;
}

export function Actions({ block }) {
  return html`<div class="b-actions">${block.elements.map((element) => html`<${Element} element=${element} block=${block} />`)}</div>`;
}

export function Input({ block }) {
  const { errors } = useWorld();
  const id = useId();
  const error = lookup(errors, block.block_id);
  const told = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ");
  const group = ["radio_buttons", "checkboxes"].includes(block.element.type);
  const label = { "aria-describedby": told || undefined, "aria-invalid": error ? "true" : undefined, "aria-required": !group && !block.optional ? "true" : undefined };
  const naming = group ? { "aria-labelledby": `${id}-label` } : { id };
  const optional = block.optional && html`<span class="b-hint"> (${words.optional})</span>`;
  const Tag = group ? "span" : "label";
  if (group) delete label["aria-invalid"];
  return html`<div class="b-input" data-error=${Boolean(error)}>
    <${Tag} class="b-label" id=${`${id}-label`} for=${group ? undefined : id}><${Text} of=${block.label} />${optional}<//>
    <${Element} element=${block.element} block=${block} label=${{ ...label, ...naming }} />
    ${error && html`<p class="b-error" id=${`${id}-error`} role="alert"><${Icon} name="circle-alert" /> ${error}</p>`}
    ${block.hint && html`<p class="b-hint" id=${`${id}-hint`}><${Text} of=${block.hint} /></p>`}
  </div>`;
}

const blocksOf = (blocks = []) => blocks.map((block, at) => html`<${Block} key=${`${at}.${block.block_id}`} block=${block} />`);

export function Container({ block }) {
  const title = block.rich_text_title ? html`<${RichText} block=${block.rich_text_title} />` : html`<${Text} of=${block.title} />`;
  const head = html`${block.icon && html`<${Picture} of=${block.icon} small />`}
    <span class="b-container-title">${title}${block.subtitle && html`<span class="b-hint"><${Text} of=${block.subtitle} /></span>`}</span>`;
  const shared = { class: "b-container", "data-width": block.width ?? "standard", "data-ruled": block.has_header_divider ?? false };
  const body = html`<div class="b-container-body b-blocks">${blocksOf(block.child_blocks)}</div>`;
  if (!block.is_collapsible) return html`<section ...${shared}><div class="b-container-head">${head}</div>${body}</section>`;
  return html`<details ...${shared} open=${!block.default_collapsed}>
    <summary class="b-container-head"><${Icon} name="chevron-right" />${head}</summary>${body}
  </details>`;
}

export function Card({ block }) {
  return html`<article class="b-card">
    ${block.hero_image && html`<div class="b-hero"><${Picture} of=${block.hero_image} /></div>`}
    <div class="b-card-body">
      ${(block.title || block.icon) && html`<div class="b-card-head">
        ${block.icon && html`<${Picture} of=${block.icon} small />`}
        <div>${block.title && html`<div class="b-card-title"><${Text} of=${block.title} /></div>`}
          ${block.subtitle && html`<div class="b-hint"><${Text} of=${block.subtitle} /></div>`}</div>
      </div>`}
      ${block.body && html`<${Passage} of=${block.body} />`}
      ${block.subtext && html`<div class="b-hint"><${Text} of=${block.subtext} /></div>`}
      ${block.actions && html`<div class="b-actions">${block.actions.map((element) => html`<${Element} element=${element} block=${block} />`)}</div>`}
    </div>
  </article>`;
}

export function Carousel({ block }) {
  return html`<div class="b-carousel" role="region" aria-label=${words.cards} tabindex="0">
    ${block.elements.map((card) => html`<${Card} block=${card} />`)}
  </div>`;
}

const LEVELS = { default: "bell", info: "info", warning: "triangle-alert", error: "circle-alert", success: "circle-check" };

export function Alert({ block }) {
  const level = block.level in LEVELS ? block.level : "default";
  return html`<div class="b-alert" role="note" data-level=${level}>
    <${Icon} name=${LEVELS[level]} /><span class="b-unseen">${words.level[level]}: </span><${Passage} of=${block.text} />
  </div>`;
}

export function ContextActions({ block }) {
  return html`<div class="b-context-actions">${block.elements.map((element) => html`<${Element} element=${element} block=${block} />`)}</div>`;
}

const STATES = { pending: "circle", in_progress: "loader-circle", complete: "circle-check", error: "circle-alert" };

/** Details and output come as a text, a text object or rich_text. */
function Any({ of }) {
  if (of?.type === "rich_text") return html`<${RichText} block=${of} />`;
  return html`<${Passage} of=${typeof of === "string" ? { type: "plain_text", text: of } : of} />`;
}

const sourceOf = (source) => (typeof source === "string" ? source : spoken(source.text ?? source.title) || source.url);

export function Task({ block }) {
  const more = block.details || block.output || block.sources?.length;
  const head = html`<${Icon} name=${STATES[block.status] ?? "circle"} /><span class="b-task-title">${block.title}</span>
    <span class="b-hint">${words.status[block.status]}</span>`;
  if (!more) return html`<div class="b-task" data-status=${block.status}><div class="b-task-head">${head}</div></div>`;
  return html`<details class="b-task" data-status=${block.status} open=${block.status === "in_progress"}>
    <summary class="b-task-head">${head}<${Icon} name="chevron-right" /></summary>
    <div class="b-task-body">
      ${block.details && html`<${Any} of=${block.details} />`}
      ${block.output && html`<div><span class="b-hint">${words.output}</span><${Any} of=${block.output} /></div>`}
      ${block.sources?.length > 0 && html`<div class="b-hint">${words.sources}: ${block.sources.map(sourceOf).join(", ")}</div>`}
    </div>
  </details>`;
}

export function Plan({ block }) {
  const name = useId();
  return html`<section class="b-plan" aria-labelledby=${name}>
    <div class="b-caption" id=${name}>${spoken(block.title)}</div>
    ${(block.tasks ?? []).map((task) => html`<${Task} key=${task.task_id} block=${task} />`)}
  </section>`;
}
