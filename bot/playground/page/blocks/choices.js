// Choosing among options: native radios, checkboxes and selects; a search box where options are many or people.
import { html } from "htm/preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "./icons.js";
import { usePopup } from "./popup.js";
import { Text, spoken } from "./text.js";
import { words } from "./words.js";
import { useEntered, useWorld } from "./world.js";

const SHORT = 12; // options up to which the browser's own select serves best
const SHOWN = 50; // options listed at once below a search box

const valueOf = (option) => option?.value;

export function Radio({ element, label, chosen }) {
  const [value, enter] = useEntered(element, valueOf(element.initial_option));
  const group = useId();
  const choose = (option) => {
    enter(option.value);
    chosen(option.value);
  };
  const one = (option) => html`<${Tick} type="radio" group=${group} option=${option} on=${value === option.value} choose=${choose} />`;
  return html`<div class="b-ticks" role="radiogroup" ...${label}>${element.options.map(one)}</div>`;
}

export function Checkboxes({ element, label, chosen }) {
  const [values, enter] = useEntered(element, (element.initial_options ?? []).map(valueOf));
  const choose = (option) => {
    const next = element.options.map(valueOf).filter((one) => values.includes(one) !== (one === option.value));
    enter(next);
    chosen(next);
  };
  const one = (option) => html`<${Tick} type="checkbox" option=${option} on=${values.includes(option.value)} choose=${choose} />`;
  return html`<div class="b-ticks" role="group" ...${label}>${element.options.map(one)}</div>`;
}

function Tick({ type, group, option, on, choose }) {
  return html`<label class="b-tick">
    <input type=${type} name=${group} checked=${on} onChange=${() => choose(option)} />
    <span>
      <${Text} of=${option.text} />
      ${option.description && html`<span class="b-hint"><${Text} of=${option.description} /></span>`}
    </span>
  </label>`;
}

/** What can be chosen, in groups: the element's own options, or the people or channels the reader knows. */
function useGroups(element) {
  const { people, channels } = useWorld();
  return useMemo(() => {
    if (element.type === "users_select") return [{ options: all(people).filter(isHuman).map(asPerson) }];
    if (element.type === "conversations_select") return [{ options: all(channels).filter(fits(element.filter)).map(asChannel) }];
    const groups = element.option_groups ?? [{ options: element.options ?? [] }];
    return groups.map((group) => ({ label: spoken(group.label), options: group.options.map(asOption) }));
  }, [element, people, channels]);
}

const all = (table) => (table instanceof Map ? [...table.values()] : Object.values(table ?? {}));
const isHuman = (person) => !person.is_bot;
const asPerson = (person) => ({ value: person.id, name: person.real_name || person.name, hint: person.role || "" });
const asChannel = (channel) => ({ value: channel.id, name: channel.name, hint: channel.topic || "", icon: channel.is_private ? "lock" : "hash" });
const asOption = (option) => ({ value: option.value, name: spoken(option.text), hint: spoken(option.description) });

/** The conversations that a select offers, as its filter says. */
function fits(filter = {}) {
  const kind = (one) => (one.is_im || one.is_notes ? "im" : one.is_private ? "private" : "public");
  return (one) =>
    (filter.include ? filter.include.includes(kind(one)) : kind(one) !== "im") &&
    !(filter.exclude_external_shared_channels && one.is_ext_shared);
}

const FIRST = {
  static_select: (element) => valueOf(element.initial_option) ?? "",
  multi_static_select: (element) => (element.initial_options ?? []).map(valueOf),
  users_select: (element) => element.initial_user ?? "",
  conversations_select: (element) => element.initial_conversation ?? "",
};

/** A select of any kind, in the form that suits what it offers. */
export function Choice({ element, label, chosen, optional }) {
  const groups = useGroups(element);
  const [value, enter] = useEntered(element, FIRST[element.type](element));
  const choose = (next) => {
    enter(next);
    chosen(next);
  };
  const count = groups.reduce((sum, group) => sum + group.options.length, 0);
  const short = element.type === "static_select" && count <= SHORT;
  return html`<${short ? Native : Search} element=${element} label=${label} groups=${groups} value=${value} choose=${choose} optional=${optional} />`;
}

function named(element, label) {
  return label.id || label["aria-labelledby"] ? label : { ...label, "aria-label": spoken(element.placeholder) || words.choose };
}

function Native({ element, label, groups, value, choose, optional }) {
  const option = (one) => html`<option value=${one.value} selected=${one.value === value}>${one.name}</option>`;
  const group = (one) => (one.label ? html`<optgroup label=${one.label}>${one.options.map(option)}</optgroup>` : one.options.map(option));
  const changed = (event) => (event.currentTarget.value || optional) && choose(event.currentTarget.value);
  return html`<span class="b-select"><select class="b-field" ...${named(element, label)} onChange=${changed}>
    <option value="" disabled=${!optional} selected=${!value}>${spoken(element.placeholder) || words.choose}</option>
    ${groups.map(group)}
  </select><${Icon} name="chevron-down" /></span>`;
}

const matches = (text) => (one) => !text || `${one.name} ${one.hint}`.toLocaleLowerCase().includes(text.toLocaleLowerCase());

/** A search box with a list below it, for one choice or several. */
function Search({ element, label, groups, value, choose, optional }) {
  const many = Array.isArray(value);
  const [typed, setTyped] = useState(null);
  const [at, setAt] = useState(0);
  const id = useId();
  const input = useRef(null);
  const list = usePopup({ wide: true });
  const options = useMemo(() => groups.flatMap((group) => group.options.map((one) => ({ ...one, group: group.label }))), [groups]);
  const found = options.filter(matches(typed ?? "")).slice(0, SHOWN);
  const isOn = (one) => (many ? value.includes(one.value) : value === one.value);
  const close = () => {
    setTyped(null);
    list.setOpen(false);
  };
  const pick = (one) => {
    const on = isOn(one);
    choose(many ? (on ? value.filter((each) => each !== one.value) : [...value, one.value].slice(0, element.max_selected_items)) : one.value);
    many ? setTyped(null) : close();
    input.current.focus();
  };
  const keys = (event) => searchKeys(event, { list, found, at, setAt, pick, close });
  useEffect(() => void (element.focus_on_load && input.current.focus()), []);
  useEffect(() => void (list.open && document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" })), [at, list.open]);
  const open = () => {
    setAt(Math.max(0, found.findIndex(isOn)));
    list.setOpen(true);
  };
  const chosen = options.filter(isOn);
  const shown = typed ?? (many ? "" : (chosen[0]?.name ?? ""));
  const write = (event) => {
    setTyped(event.currentTarget.value);
    if (optional && !many && !event.currentTarget.value) choose("");
    setAt(0);
    list.setOpen(true);
  };
  const box = {
    role: "combobox",
    autocomplete: "off",
    "aria-expanded": list.open,
    "aria-controls": `${id}-list`,
    "aria-autocomplete": "list",
    "aria-activedescendant": list.open && found[at] ? `${id}-${at}` : undefined,
  };
  return html`<span class="b-search">
    ${many && html`<${Chips} chosen=${chosen} remove=${pick} />`}
    <span class="b-select" ref=${list.anchor}>
      <input class="b-field" ref=${input} ...${named(element, label)} ...${box} placeholder=${spoken(element.placeholder) || words.choose}
        value=${shown} onInput=${write} onClick=${open} onKeyDown=${keys} onBlur=${close} onFocus=${(event) => event.currentTarget.select()} />
      <${Icon} name="chevrons-up-down" />
    </span>
    <div class="b-layer" popover="manual" role="listbox" id=${`${id}-list`} ref=${list.layer} aria-label=${spoken(element.placeholder) || words.choose}
        aria-multiselectable=${many} onMouseDown=${(event) => event.preventDefault()}>
      ${list.open && found.map((one, index) => html`<${Found} one=${one} id=${`${id}-${index}`} on=${isOn(one)} active=${index === at}
        first=${one.group && one.group !== found[index - 1]?.group} pick=${pick} />`)}
      ${list.open && !found.length && html`<div class="b-option b-none" role="option" aria-disabled="true">${words.noOption}</div>`}
    </div>
  </span>`;
}

function searchKeys(event, { list, found, at, setAt, pick, close }) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    if (list.open) setAt((at + steps[event.key] + found.length) % Math.max(found.length, 1));
    list.setOpen(true);
  } else if (event.key === "Enter" && list.open) {
    event.preventDefault();
    if (found[at]) pick(found[at]);
  } else if (event.key === "Escape" && list.open) {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
}

function Found({ one, id, on, active, first, pick }) {
  return html`${first && html`<div class="b-group" role="presentation">${one.group}</div>`}
    <div class="b-option" role="option" id=${id} aria-selected=${on} data-active=${active} onClick=${() => pick(one)}>
      <span class="b-option-name">${one.icon && html`<${Icon} name=${one.icon} />`}${one.name}</span>
      ${one.hint && html`<span class="b-hint">${one.hint}</span>`}
      ${on && html`<${Icon} name="check" />`}
    </div>`;
}

function Chips({ chosen, remove }) {
  if (!chosen.length) return null;
  const chip = (one) => html`<li class="b-chip">${one.name}
    <button type="button" class="b-chip-x" aria-label=${words.remove(one.name)} onClick=${() => remove(one)}><${Icon} name="x" /></button></li>`;
  return html`<ul class="b-chips">${chosen.map(chip)}</ul>`;
}
