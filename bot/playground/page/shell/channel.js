// A channel, or the notes to oneself: what was said there, and a place to write.
import { html } from "htm/preact";
import * as state from "./state.js";
import * as actions from "./actions.js";
import { Composer } from "./composer.js";
import { Timeline } from "./conversation.js";
import { Empty } from "./empty.js";
import { words } from "./words.js";

export function Channel({ room, open }) {
  const send = (text) => (text.startsWith("/") ? actions.command(room.id, text) : actions.say(room.id, text));
  const name = room.is_notes ? words.notes : `#${room.name}`;
  const empty = html`<${Empty} ...${words.empty.channel} tries=${words.tries.filter((line) => line.startsWith("/"))} take=${send} />`;
  return html`
    <${Timeline} channel=${room.id} open=${open} empty=${empty} />
    <${Composer} id="say" key=${room.id} label=${words.composer(name)} placeholder=${words.composer(name)} send=${send} />
  `;
}
