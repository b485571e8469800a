// One block of any kind. A kind that is not known, or a block that breaks, becomes a plain note.
import { Component } from "preact";
import { html } from "htm/preact";
import { Chart } from "./chart.js";
import * as layout from "./layout.js";
import { Markdown } from "./markdown.js";
import { ImageBlock } from "./pictures.js";
import { RichText } from "./rich.js";
import { DataTable, PlainTable } from "./tables.js";
import { words } from "./words.js";

const kinds = () => ({
  header: layout.Header,
  section: layout.Section,
  context: layout.Context,
  actions: layout.Actions,
  divider: layout.Divider,
  input: layout.Input,
  container: layout.Container,
  card: layout.Card,
  carousel: layout.Carousel,
  alert: layout.Alert,
  context_actions: layout.ContextActions,
  plan: layout.Plan,
  task_card: layout.Task,
  image: ImageBlock,
  rich_text: RichText,
  markdown: Markdown,
  table: PlainTable,
  data_table: DataTable,
  data_visualization: Chart,
});

let known = null; // made on first use: the modules of this package import each other

/** Keeps one broken block from taking the page with it. */
class Whole extends Component {
  state = { broken: false };
  static getDerivedStateFromError = () => ({ broken: true });
  render({ children }, { broken }) {
    return broken ? html`<p class="b-note">${words.brokenBlock}</p>` : children;
  }
}

export function Block({ block }) {
  known ??= kinds();
  const Kind = Object.hasOwn(known, block?.type) ? known[block.type] : null;
  if (!Kind) return html`<p class="b-note">${words.unknownBlock(block?.type)}</p>`;
  return html`<div class="b-block" data-kind=${block.type}><${Whole}><${Kind} block=${block} /><//></div>`;
}
