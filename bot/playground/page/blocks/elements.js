// What a reader can press or fill in, outside lists of choices: buttons, overflow, feedback, text, numbers, days.
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Checkboxes, Choice, Radio } from "./choices.js";
import { useConfirm } from "./confirm.js";
import { Icon } from "./icons.js";
import { Picture } from "./pictures.js";
import { usePopup } from "./popup.js";
import { safeAddress } from "./mrkdwn.js";
import { Text, spoken } from "./text.js";
import { words } from "./words.js";
import { useEntered, useWorld } from "./world.js";

const WAIT = 350; // ms after the last key before a text that is watched is sent

/** Sends the use of an element; true while the page has not taken it yet. */
function usePress(element, block) {
  const { act } = useWorld();
  const [busy, setBusy] = useState(false);
  const press = async (value) => {
    setBusy(true);
    try {
      await act?.({ action_id: element.action_id, block_id: block.block_id ?? "", type: element.type, value });
    } finally {
      setBusy(false);
    }
  };
  return [press, busy];
}

function LinkButton({ element, press }) {
  const href = safeAddress(element.url);
  const name = element.accessibility_label;
  return html`<a class="b-button" data-style=${element.style} href=${href} target="_blank" rel="noopener noreferrer"
      aria-label=${name ? `${name} (${words.opensElsewhere})` : undefined} onClick=${() => press(element.value)}>
    <${Text} of=${element.text} /><${Icon} name="external-link" />
    ${!name && html`<span class="b-unseen">(${words.opensElsewhere})</span>`}
  </a>`;
}

function Button({ element, block }) {
  const [press, busy] = usePress(element, block);
  const [ask, question] = useConfirm(element.confirm);
  if (element.url && safeAddress(element.url)) return html`<${LinkButton} element=${element} press=${press} />`;
  const pressed = () => !busy && ask(() => press(element.value));
  return html`<button type="button" class="b-button" data-style=${element.style} aria-busy=${busy}
      aria-label=${element.accessibility_label} onClick=${pressed}><${Text} of=${element.text} /></button>${question}`;
}

const KEYS = { ArrowDown: 1, ArrowUp: -1 };

/** Moves the focus among the items of a menu. */
function walk(event) {
  const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  const ends = { Home: 0, End: items.length - 1 };
  const here = items.indexOf(document.activeElement);
  const next = ends[event.key] ?? (event.key in KEYS ? (here + KEYS[event.key] + items.length) % items.length : null);
  if (next === null) return;
  event.preventDefault();
  items[next].focus();
}

function Overflow({ element, block }) {
  const [press] = usePress(element, block);
  const [ask, question] = useConfirm(element.confirm);
  const menu = usePopup();
  useEffect(() => void (menu.open && menu.layer.current.querySelector("[role=menuitem]").focus()), [menu.open]);
  const choose = (option) => {
    menu.setOpen(false);
    menu.anchor.current.focus();
    if (safeAddress(option.url ?? "")) open(safeAddress(option.url), "_blank", "noopener");
    ask(() => press(option.value));
  };
  const item = (option) => html`<button type="button" role="menuitem" tabindex="-1" class="b-option" onClick=${() => choose(option)}>
    <span><${Text} of=${option.text} /></span>
    ${option.description && html`<span class="b-hint"><${Text} of=${option.description} /></span>`}
  </button>`;
  return html`<button type="button" class="b-button b-square" ref=${menu.anchor} aria-label=${words.more} aria-haspopup="menu"
      aria-expanded=${menu.open} onClick=${() => menu.setOpen(!menu.open)}><${Icon} name="ellipsis" /></button>
    <div class="b-layer" popover="auto" role="menu" aria-label=${words.more} ref=${menu.layer} onToggle=${menu.toggled} onKeyDown=${walk}>
      ${menu.open && element.options.map(item)}
    </div>${question}`;
}

function Feedback({ element, block }) {
  const [press, busy] = usePress(element, block);
  const [given, setGiven] = useState("");
  const sides = { positive_button: "thumbs-up", negative_button: "thumbs-down" };
  const give = (name) => {
    if (busy) return;
    setGiven(name);
    press(element[name].value);
  };
  const side = ([name, icon]) => html`<button type="button" class="b-thumb" aria-pressed=${given === name}
      aria-label=${element[name].accessibility_label} onClick=${() => give(name)}>
    <${Icon} name=${icon} /><${Text} of=${element[name].text} />
  </button>`;
  return html`<span class="b-thumbs">${Object.entries(sides).map(side)}</span>`;
}

function IconButton({ element, block }) {
  const [press, busy] = usePress(element, block);
  const [ask, question] = useConfirm(element.confirm);
  const pressed = () => !busy && ask(() => press(element.value));
  return html`<button type="button" class="b-thumb" aria-label=${element.accessibility_label} onClick=${pressed}>
    <${Icon} name="trash-2" /><${Text} of=${element.text} />
  </button>${question}`;
}

/** Focus at first sight, where the app asks for it. */
function useFocus(element) {
  const field = useRef(null);
  useEffect(() => void (element.focus_on_load && field.current?.focus()), []);
  return field;
}

function Field({ element, block, label }) {
  const [text, enter] = useEntered(element, element.initial_value ?? "");
  const [press] = usePress(element, block);
  const field = useFocus(element);
  const waiting = useRef(0);
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const written = (event) => {
    const value = event.currentTarget.value;
    enter(value);
    clearTimeout(waiting.current);
    if (block.dispatch_action && on.includes("on_character_entered")) waiting.current = setTimeout(() => press(value), WAIT);
  };
  const keys = (event) => {
    if (event.key !== "Enter" || event.isComposing || !block.dispatch_action || element.multiline) return;
    event.preventDefault();
    if (on.includes("on_enter_pressed")) press(event.currentTarget.value);
  };
  const limits = { minlength: element.min_length, maxlength: element.max_length, placeholder: spoken(element.placeholder) };
  const shown = { ...label, ...limits, ref: field, value: text, onInput: written, onKeyDown: keys };
  return element.multiline
    ? html`<textarea class="b-field" rows="3" ...${shown}></textarea>`
    : html`<input class="b-field" type="text" autocomplete="off" ...${shown} />`;
}

function NumberField({ element, block, label }) {
  const [text, enter] = useEntered(element, element.initial_value ?? "");
  const [press] = usePress(element, block);
  const field = useFocus(element);
  const limits = { min: element.min_value, max: element.max_value, step: element.is_decimal_allowed ? "any" : 1 };
  const changed = (event) => block.dispatch_action && press(event.currentTarget.value);
  return html`<input class="b-field b-number" type="number" inputmode=${element.is_decimal_allowed ? "decimal" : "numeric"}
      ...${label} ...${limits} placeholder=${spoken(element.placeholder)} ref=${field} value=${text}
      onInput=${(event) => enter(event.currentTarget.value)} onChange=${changed} />`;
}

function Day({ element, block, label }) {
  const [day, enter] = useEntered(element, element.initial_date ?? "");
  const [press] = usePress(element, block);
  const [ask, question] = useConfirm(element.confirm);
  const field = useFocus(element);
  const changed = (event) => {
    const value = event.currentTarget.value;
    enter(value);
    if (value && dispatches(block)) ask(() => press(value));
  };
  const name = label["aria-labelledby"] || label.id ? {} : { "aria-label": spoken(element.placeholder) || words.chooseDate };
  return html`<input class="b-field b-day" type="date" ...${label} ...${name} ref=${field} value=${day} onChange=${changed} />${question}`;
}

/** Is a choice sent at once? Everywhere but in an input that does not ask for it. */
const dispatches = (block) => block.type !== "input" || block.dispatch_action === true;

const CHOICES = ["static_select", "multi_static_select", "users_select", "conversations_select"];
const KINDS = {
  button: Button,
  overflow: Overflow,
  feedback_buttons: Feedback,
  icon_button: IconButton,
  plain_text_input: Field,
  number_input: NumberField,
  datepicker: Day,
  radio_buttons: Chosen(Radio),
  checkboxes: Chosen(Checkboxes),
  ...Object.fromEntries(CHOICES.map((kind) => [kind, Chosen(Choice)])),
  image: ({ element }) => html`<${Picture} of=${element} small />`,
};

/** A list of choices that sends what was chosen, once the reader has confirmed it. */
function Chosen(List) {
  return function ChosenList({ element, block, label }) {
    const [press] = usePress(element, block);
    const [ask, question] = useConfirm(element.confirm);
    const chosen = (value) => dispatches(block) && ask(() => press(value));
    return html`<${List} element=${element} label=${label} chosen=${chosen} optional=${block.optional} />${question}`;
  };
}

/** One element of any kind. `label` names it for screen readers where it stands in an input. */
export function Element({ element, block, label = {} }) {
  const Kind = KINDS[element.type];
  if (!Kind) return html`<span class="b-note">${words.unknownBlock(element.type)}</span>`;
  return html`<${Kind} element=${element} block=${block} label=${label} />`;
}
