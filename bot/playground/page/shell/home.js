// The App Home of the person acted as.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { Blocks } from "../blocks/index.js";
import * as actions from "./actions.js";
import * as state from "./state.js";
import { Empty } from "./empty.js";
import { theme } from "./look.js";
import { words } from "./words.js";

const NONE = new Map();
const ignore = () => {};

export function Home() {
  const id = state.me.value?.id;
  const isReady = state.ready.value;
  useEffect(() => {
    if (id && isReady) actions.openHome();
  }, [id, isReady]);
  const view = state.home.value;
  return html`
    <div class="home" tabindex="0" role="region" aria-label=${words.home}>
      <div class="home-sheet">
        <h2 class="hidden">${words.homeTopic}</h2>
        ${view
          ? html`<${Blocks} blocks=${view.blocks} surface="home" act=${actions.clickHome} people=${state.people.value} channels=${state.rooms.value} values=${NONE} setValue=${ignore} errors=${{}} theme=${theme.value} />`
          : html`<${Empty} ...${words.empty.home} />`}
      </div>
    </div>
  `;
}
