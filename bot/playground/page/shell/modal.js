// A modal of the app as a dialog: what is entered, what the app says is wrong, and what lies below.
import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Blocks } from "../blocks/index.js";
import * as actions from "./actions.js";
import * as state from "./state.js";
import { Icon } from "./icons.js";
import { theme } from "./look.js";
import { words } from "./words.js";

/** The modal on top of the stack; the others wait below it. */
export function Modals() {
  const stack = state.modals.value;
  const view = stack.at(-1);
  return view ? html`<${Modal} key=${view.id} view=${view} below=${stack.length - 1} />` : null;
}

function Modal({ view, below }) {
  const [values, setValues] = useState(new Map());
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  const dialog = useRef(null);
  useEffect(() => shown(dialog.current), []);

  const entered = () => Object.fromEntries([...values].filter(([name]) => names(view.blocks).has(name)));
  const setValue = (name, value) => setValues((before) => new Map(before).set(name, value));
  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    const answer = await actions.submit(entered());
    setBusy(false);
    const wrong = answer.payload?.response_action === "errors" ? answer.payload.errors : {};
    setErrors(answer.error && !answer.payload?.errors ? { "": words.refused } : wrong);
    if (Object.keys(wrong).length) requestAnimationFrame(() => firstWrong(dialog.current));
  }
  function cancel(event) {
    event?.preventDefault();
    actions.closeModal();
  }
  const act = (what) => actions.clickModal(what, { ...entered(), ...chosen(view, what) });
  const count = Object.keys(errors).length;
  return html`
    <dialog class="modal" ref=${dialog} aria-labelledby="modal-title" onCancel=${cancel} onClick=${(event) => event.target === dialog.current && cancel()}>
      <form class="modal-form" onSubmit=${submit} novalidate>
        <header class="modal-head">
          ${below > 0 && html`<button type="button" class="plain-icon" onClick=${cancel} aria-label=${words.guide.back}><${Icon} name="back" /></button>`}
          <h2 id="modal-title">${view.title?.text}</h2>
          <button type="button" class="plain-icon" onClick=${cancel} aria-label=${words.close}><${Icon} name="close" /></button>
        </header>
        <div class="modal-body" tabindex="0" role="group" aria-labelledby="modal-title">
          ${count > 0 && html`<p class="wrong" role="alert"><${Icon} name="alert" size=${16} />${errors[""] ?? words.wrong}</p>`}
          <${Blocks} blocks=${view.blocks} surface="modal" act=${act} values=${values} setValue=${setValue} errors=${errors} people=${state.people.value} channels=${state.rooms.value} theme=${theme.value} />
        </div>
        <footer class="modal-foot">
          <button type="button" onClick=${cancel}>${view.close?.text ?? (view.submit ? words.cancel : words.close)}</button>
          ${view.submit && html`<button type="submit" class="primary" disabled=${busy}>${view.submit.text}</button>`}
        </footer>
      </form>
    </dialog>
  `;
}

/** Open it over the page; whatever had the focus gets it back. */
function shown(dialog) {
  const before = document.activeElement;
  dialog.showModal();
  const first = dialog.querySelector(".modal-body :is(input, textarea, select, [role=combobox]):not([type=hidden])");
  (first ?? dialog.querySelector(".modal-foot button:last-child"))?.focus();
  return () => {
    dialog.close();
    if (before?.isConnected) before.focus();
  };
}

function firstWrong(dialog) {
  const field = dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector(".wrong");
  field?.focus?.();
  field?.scrollIntoView({ block: "nearest" });
}

/** The action_ids of what can be entered in these blocks. */
function names(blocks) {
  const found = new Set();
  for (const block of blocks) {
    for (const element of [block.element, block.accessory, ...(block.elements ?? [])]) {
      if (element?.action_id && element.type !== "button") found.add(element.action_id);
    }
    for (const inner of names(block.child_blocks ?? [])) found.add(inner);
  }
  return found;
}

/** A choice that also tells the app at once counts as entered. */
function chosen(view, { action_id, value }) {
  return names(view.blocks).has(action_id) && value !== undefined ? { [action_id]: value } : {};
}
