// "Are you sure?": the confirm object of an element, asked in a dialog before anything is sent.
import { html } from "htm/preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Passage, Text, spoken } from "./text.js";
import { words } from "./words.js";

function Question({ confirm, answered }) {
  const dialog = useRef(null);
  const name = useId();
  useEffect(() => dialog.current.showModal(), []);
  const answer = (yes) => {
    dialog.current.close();
    answered(yes);
  };
  const style = confirm.style === "danger" ? "danger" : "primary";
  const cancelled = (event) => {
    event.preventDefault();
    event.stopPropagation();
    answer(false);
  };
  const keys = (event) => event.key === "Escape" && event.stopPropagation();
  return html`<dialog class="b-confirm" ref=${dialog} aria-labelledby=${name} onCancel=${cancelled} onKeyDown=${keys}>
    <h2 class="b-confirm-title" id=${name}><${Text} of=${confirm.title} /></h2>
    <${Passage} of=${confirm.text} />
    <div class="b-confirm-row">
      <button type="button" class="b-button" onClick=${() => answer(false)}>${spoken(confirm.deny) || words.no}</button>
      <button type="button" class="b-button" data-style=${style} onClick=${() => answer(true)}>
        ${spoken(confirm.confirm) || words.yes}
      </button>
    </div>
  </dialog>`;
}

/** `ask(go)` calls `go` once the reader has agreed, at once where nothing is asked; `question` is to be drawn. */
export function useConfirm(confirm) {
  const [go, setGo] = useState(null);
  const ask = (next) => (confirm ? setGo(() => next) : next());
  const answered = (yes) => {
    setGo(null);
    if (yes) go();
  };
  const question = go && html`<${Question} confirm=${confirm} answered=${answered} />`;
  return [ask, question];
}
