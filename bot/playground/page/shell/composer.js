// Where one writes: grows with the text, completes commands and names, remembers what was typed.
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as state from "./state.js";
import { commandOf, complete, suggest } from "./completion.js";
import { Avatar, Icon } from "./icons.js";
import { words } from "./words.js";

const HISTORY = "dealcoach.typed";
const HISTORY_MOST = 100;

/** `send(text)` is called with what was typed; `id` tells several composers apart. */
export function Composer({ id, label, placeholder, send, above = null, note = "" }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [closed, setClosed] = useState(false);
  const field = useRef(null);
  const past = useRef({ list: typedBefore(), place: -1 });
  const found = closed ? [] : suggest(text, at, state.commands.value, state.people.value);
  const using = commandOf(text, state.commands.value);

  useLayoutEffect(() => grow(field.current), [text]);
  useEffect(() => setChosen(0), [found.length]);
  useEffect(() => listen(field.current, put), []);

  function put(next, cursor = next.length) {
    setText(next);
    setAt(cursor);
    requestAnimationFrame(() => field.current?.setSelectionRange(cursor, cursor));
  }
  function take(suggestion) {
    const done = complete(text, suggestion);
    put(done.text, done.at);
    field.current.focus();
  }
  function submit() {
    const line = text.trim();
    if (!line) return;
    remember(past.current, line);
    put("");
    send(line);
  }
  function recall(step) {
    const { list } = past.current;
    const place = Math.min(Math.max(past.current.place + step, -1), list.length - 1);
    past.current.place = place;
    put(place < 0 ? "" : list[place]);
  }
  function pressed(event) {
    if (event.isComposing) return;
    const act = found.length ? whileChoosing(event) : whileWriting(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
  function whileChoosing(event) {
    const exact = found.length === 1 && found[0].insert === text.trim();
    return {
      ArrowDown: () => setChosen((chosen + 1) % found.length),
      ArrowUp: () => setChosen((chosen - 1 + found.length) % found.length),
      Tab: event.shiftKey ? undefined : () => take(found[chosen]),
      Enter: event.shiftKey ? undefined : exact ? submit : () => take(found[chosen]),
      Escape: () => setClosed(true),
    }[event.key];
  }
  function whileWriting(event) {
    const recalling = text === "" || past.current.list[past.current.place] === text;
    return {
      Enter: event.shiftKey ? undefined : submit,
      ArrowUp: recalling && past.current.list.length ? () => recall(1) : undefined,
      ArrowDown: recalling && past.current.place >= 0 ? () => recall(-1) : undefined,
    }[event.key];
  }
  function typed(event) {
    setClosed(false);
    past.current.place = -1;
    setText(event.currentTarget.value);
    setAt(event.currentTarget.selectionStart);
  }
  const list = `${id}-list`;
  return html`
    <form class="composer" onSubmit=${(event) => (event.preventDefault(), submit())}>
      ${above}
      <div class="composer-box">
        ${found.length > 0 && html`<${Suggestions} id=${list} found=${found} chosen=${chosen} take=${take} />`}
        ${using && !found.length && html`<${Hint} command=${using} note=${note} />`}
        <label class="hidden" for=${id}>${label}</label>
        <textarea id=${id} ref=${field} rows="1" value=${text} placeholder=${placeholder} autocomplete="off" spellcheck="false"
          class=${text.startsWith("/") ? "mono" : ""} aria-autocomplete="list" aria-haspopup="listbox"
          aria-controls=${found.length ? list : undefined} aria-activedescendant=${found.length ? `${list}-${chosen}` : undefined}
          onInput=${typed} onKeyDown=${pressed} onClick=${(event) => setAt(event.currentTarget.selectionStart)}
          onBlur=${() => setClosed(true)} onFocus=${() => setClosed(false)}></textarea>
        <button type="submit" class="send" disabled=${!text.trim()} aria-label=${words.send} title=${words.send}><${Icon} name="up" /></button>
      </div>
      <span class="hidden" role="status">${found.length ? words.suggestions(found.length) : ""}</span>
    </form>
  `;
}

function Suggestions({ id, found, chosen, take }) {
  const list = useRef(null);
  useLayoutEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen]);
  const [tab, completes, escape, closes] = words.completionHint;
  return html`
    <div class="suggestions">
      <ul id=${id} ref=${list} role="listbox" tabindex="0" aria-label=${words.completions} onMouseDown=${(event) => event.preventDefault()}>
        ${found.map((one, place) => html`
          <li id=${`${id}-${place}`} key=${one.insert} class=${one.kind} role="option" aria-selected=${place === chosen}
            onMouseDown=${(event) => (event.preventDefault(), take(one))}>
            ${one.person && html`<${Avatar} person=${one.person} size=${22} />`}
            <span class="suggestion-name">${one.label}</span>
            <span class="suggestion-about">${one.kind === "command" ? one.description : one.hint}</span>
            ${one.kind === "command" && one.hint && html`<span class="suggestion-usage">${one.hint}</span>`}
          </li>`)}
      </ul>
      <p class="suggestions-foot" aria-hidden="true"><kbd>${tab}</kbd> ${completes} <kbd>${escape}</kbd> ${closes}</p>
    </div>
  `;
}

const Hint = ({ command, note }) => html`
  <p class="composer-hint">
    <code>${command.command}</code> <span class="composer-usage">${command.usage_hint}</span>
    <span class="composer-about">${note || command.description}</span>
  </p>
`;

/** Put a text into a composer from elsewhere; it takes the focus. */
export function fill(id, text) {
  document.getElementById(id)?.dispatchEvent(new CustomEvent("fill", { detail: text }));
}

function listen(field, put) {
  const filled = (event) => {
    put(event.detail);
    field.focus();
  };
  field.addEventListener("fill", filled);
  return () => field.removeEventListener("fill", filled);
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function remember(past, line) {
  past.list = [line, ...past.list.filter((one) => one !== line)].slice(0, HISTORY_MOST);
  past.place = -1;
  sessionStorage.setItem(HISTORY, JSON.stringify(past.list));
}

const typedBefore = () => JSON.parse(sessionStorage.getItem(HISTORY) ?? "[]");
