// Icons by name: drawn by the style sheet as a mask in the colour of the text; silent for screen readers.
import { html } from "htm/preact";

export const Icon = ({ name }) => html`<span class="b-icon" data-icon=${name} aria-hidden="true"></span>`;
