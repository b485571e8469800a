// The conversation with the coach: questions with their answers under them, suggestions, and follow-ups.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import * as state from "./state.js";
import * as actions from "./actions.js";
import { Composer } from "./composer.js";
import { Timeline } from "./conversation.js";
import { Empty } from "./empty.js";
import { Icon } from "./icons.js";
import { narrow } from "./look.js";
import { words } from "./words.js";

export const following = signal(""); // the question that the next one follows up; "": a new one

/** Write to the coach: a command, a new question, or a follow-up to the last one. */
export function ask(text) {
  const room = state.direct().id;
  if (text.startsWith("/")) return actions.command(room, text);
  return actions.say(room, text, following.value);
}

export function Coach({ open }) {
  const room = state.direct();
  const id = state.me.value?.id;
  const isReady = state.ready.value;
  useEffect(() => {
    if (id && isReady) actions.openMessages();
  }, [id, isReady]);
  const last = room && lastQuestion(room.id);
  useEffect(() => {
    following.value = last ?? "";
  }, [last]);
  if (!room) return null;
  const empty = html`<${Empty} ...${words.empty.coach} tries=${words.tries} take=${ask} />`;
  return html`
    <${Timeline} channel=${room.id} inline open=${open} empty=${empty} />
    <${Composer} id="say" label=${words.composer(words.brand)} placeholder=${narrow.value ? words.askShort : words.ask} send=${ask} above=${html`<${Above} channel=${room.id} />`} />
  `;
}

/** The newest question, if it has an answer: what one would follow up. A command after it ends it. */
function lastQuestion(channel) {
  const last = state.timeline(channel).filter((one) => one.user === state.me.value.id).at(-1);
  return last && !last.typed && state.threads(channel).has(last.ts) ? last.ts : undefined;
}

function Above({ channel }) {
  const thread = following.value;
  const offered = state.prompts.value.get(state.key(channel, thread)) ?? state.prompts.value.get(state.key(channel, ""));
  const about = thread && (state.titles.value.get(state.key(channel, thread)) || state.message(channel, thread)?.text);
  return html`
    <div class="above">
      ${about && html`<p class="following"><span>${words.followUp} <b>${about}</b></span><button type="button" class="plain-icon" onClick=${() => (following.value = "")} aria-label=${words.newQuestion} title=${words.newQuestion}><${Icon} name="close" size=${14} /></button></p>`}
      ${offered?.prompts.length > 0 && html`<ul class="prompts" aria-label=${offered.title || words.completions}>${offered.prompts.map((one) => html`<li key=${one.title}><button type="button" class="try" onClick=${() => ask(one.message)}>${one.title}</button></li>`)}</ul>`}
    </div>
  `;
}
