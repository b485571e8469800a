// A thread at the side of its conversation; on a phone it lies over it.
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import * as state from "./state.js";
import * as actions from "./actions.js";
import { Composer } from "./composer.js";
import { ThreadMessages } from "./conversation.js";
import { Icon } from "./icons.js";
import { words } from "./words.js";

export function Thread({ channel, thread, place, close }) {
  const title = useRef(null);
  useEffect(() => title.current.focus(), [thread]);
  const send = (text) => (text.startsWith("/") ? actions.command(channel, text) : actions.say(channel, text, thread));
  return html`
    <aside class="side" aria-labelledby="thread-title">
      <header class="head">
        <button type="button" class="plain-icon only-narrow" onClick=${close} aria-label=${words.guide.back}><${Icon} name="back" /></button>
        <div class="head-words"><h2 id="thread-title" tabindex="-1" ref=${title}>${state.titles.value.get(state.key(channel, thread)) || words.thread}</h2><p>${place}</p></div>
        <button type="button" class="plain-icon only-wide" onClick=${close} aria-label=${words.close}><${Icon} name="close" /></button>
      </header>
      <${ThreadMessages} channel=${channel} thread=${thread} />
      <${Composer} id="reply" key=${thread} label=${words.reply} placeholder=${words.reply} send=${send} note=${words.noThreadCommand} />
    </aside>
  `;
}
