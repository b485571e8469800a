// The guided tour: a card with what to see, and one button that does the next step as the right person.
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import * as state from "./state.js";
import * as actions from "./actions.js";
import { actAs, roleOf } from "./acting.js";
import { fill } from "./composer.js";
import { following } from "./coach.js";
import { Icon } from "./icons.js";
import { still } from "./look.js";
import { go } from "./route.js";
import { point } from "./toasts.js";
import { words } from "./words.js";

const KEPT = "dealcoach.tour";
const PATIENCE = 30000; // ms to wait for a person's state or for a button to arrive
const TYPING = 450; // ms for a line, however long

const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
export const touring = signal(kept.open ?? true);
const done = signal(0); // steps done so far
const doing = signal(""); // what is under way

/** Open the tour where it was left, or from the start once it is over. */
export function tour(on = !touring.value) {
  if (on && done.value >= state.steps.value.length) done.value = 0;
  touring.value = on;
  localStorage.setItem(KEPT, JSON.stringify({ open: on }));
}

export function Tour() {
  const steps = state.steps.value;
  if (!steps.length || !touring.value) return null;
  const at = Math.min(done.value, steps.length);
  const seen = steps[at - 1];
  const next = steps[at];
  const say = words.guide;
  return html`
    <section class="tour" aria-labelledby="tour-title">
      <header>
        <p class="tour-count">${at ? say.step(at, steps.length) : say.title}</p>
        <div class="tour-dots" aria-hidden="true">${steps.map((_, place) => html`<i key=${place} class=${place < at ? "on" : ""}></i>`)}</div>
        ${at > 0 && html`<button type="button" class="plain-icon" aria-disabled=${doing.value !== ""} onClick=${() => doing.value || (done.value = at - 1)} aria-label=${say.back} title=${say.back}><${Icon} name="back" size=${16} /></button>`}
        <button type="button" class="plain-icon" onClick=${() => tour(false)} aria-label=${say.leave} title=${say.leave}><${Icon} name="close" size=${16} /></button>
      </header>
      <div aria-live="polite">
        <h2 id="tour-title">${seen ? seen.title : say.intro}</h2>
        <p>${seen ? seen.text : say.introText}</p>
        ${!next && html`<p>${say.doneText}</p>`}
      </div>
      <footer>
        ${next
          ? html`<${Next} step=${next} />`
          : html`<button type="button" class="primary" onClick=${() => tour(false)}>${say.finish}</button>`}
      </footer>
    </section>
  `;
}

function Next({ step }) {
  const person = state.people.value.get(step.as);
  const who = person && words.guide.as(`${person.real_name || person.name}, ${words.roles[roleOf(person)] ?? person.role}`);
  return html`
    <button type="button" class="primary tour-next" aria-disabled=${doing.value !== ""} onClick=${() => doing.value || perform(step)}>
      <span><b>${doing.value || step.title}</b>${who && html`<small>${who}</small>`}</span><${Icon} name="next" size=${16} />
    </button>
  `;
}

/** Do a step before the reader's eyes: become the person, go to the place, type or press. */
async function perform(step) {
  doing.value = words.guide.waiting;
  try {
    await become(step.as, placeOf(step.do));
    await HOW[step.do.kind](step.do);
    done.value += 1;
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    actionsFailed(error.message);
  } finally {
    doing.value = "";
  }
}

class NotThere extends Error {}

const HOW = {
  command: (what) => typeOut("say", what.text),
  say: (what) => typeOut("say", what.text),
  home: async () => {},
  open: async () => point([...document.querySelectorAll(".message.unasked")].at(-1)),
  press: async (what) => {
    const found = await until(() => labelled(what.label) ?? taken(), words.guide.missing(what.label));
    point(found.closest(".message"));
    await pause(still() ? 0 : TYPING);
    if (found.matches("button")) found.click();
  },
};

async function become(id, place) {
  following.value = "";
  if (id && id !== state.me.value?.id) actAs(id, place);
  await until(() => state.ready.value && (!id || state.me.value?.id === id), words.failed);
  go({ place });
  await pause(80);
}

function placeOf({ kind, channel }) {
  if (kind === "home") return "home";
  return !channel || channel === "direct" ? "coach" : channel;
}

async function typeOut(composer, text) {
  await until(() => document.getElementById(composer), words.failed);
  const stride = still() ? text.length : Math.max(1, Math.ceil(text.length / (TYPING / 30)));
  for (let end = stride; end < text.length; end += stride) {
    fill(composer, text.slice(0, end));
    await pause(30);
  }
  fill(composer, text);
  await pause(160);
  document.getElementById(composer).form.requestSubmit();
}

/** The newest button with this label. */
function labelled(label) {
  const all = [...document.querySelectorAll("main button")];
  return all.filter((one) => one.textContent.trim() === label && !one.disabled).at(-1);
}

/** What came unasked and was acted on already, by whoever looked around before. */
const taken = () => [...document.querySelectorAll(".message.unasked.edited")].at(-1);

async function until(found, otherwise) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(60)) {
    const value = found();
    if (value) return value;
  }
  throw new NotThere(otherwise);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const actionsFailed = (sentence) => actions.tell(sentence);
