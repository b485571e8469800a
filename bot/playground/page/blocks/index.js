// Block Kit on the page: `Blocks` draws a message's, a modal's or a Home tab's blocks; `Mrkdwn` a single text.
import { html } from "htm/preact";
import { Block } from "./block.js";
import { World } from "./world.js";

export { Mrkdwn } from "./text.js";

/** All blocks of a surface.

    `act({action_id, block_id, type, value})` is called when a reader uses something; while the promise it
    returns is open, that element is busy. `values`, `people`, `channels` and `errors` are Maps or plain objects.
    `locale` and `tz` are the reader's; the browser's where they are left out. */
export function Blocks({ blocks = [], surface = "message", ...world }) {
  const drawn = blocks.map((block, at) => html`<${Block} key=${`${at}.${block?.type}.${block?.block_id}`} block=${block} />`);
  return html`<${World.Provider} value=${{ surface, ...world }}><div class="b-blocks" data-surface=${surface}>${drawn}</div><//>`;
}
