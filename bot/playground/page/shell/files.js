// Files under a message: a picture is shown, a CSV and a PDF can be opened and kept.
import { html } from "htm/preact";
import { Icon } from "./icons.js";

const UNITS = ["B", "kB", "MB", "GB"];

export const Files = ({ files }) => html`<ul class="files">${files.map((file) => html`<li key=${file.id}><${File} file=${file} /></li>`)}</ul>`;

function File({ file }) {
  const picture = file.mimetype?.startsWith("image/");
  const url = file.url ?? `/files/${file.id}`;
  return html`
    ${picture && html`<img class="file-picture" src=${url} alt=${file.title || file.name} loading="lazy" />`}
    <a class="file" href=${file.download ?? url} download=${file.name}>
      <span class="file-kind" aria-hidden="true">${kind(file)}</span>
      <span class="file-name"><b>${file.title || file.name}</b><small>${file.title && file.title !== file.name ? `${file.name} · ` : ""}${size(file.size)}</small></span>
      <${Icon} name="download" />
    </a>
  `;
}

const kind = (file) => (file.name?.split(".").at(-1) ?? "").toUpperCase().slice(0, 4);

function size(bytes) {
  const power = bytes > 0 ? Math.min(Math.floor(Math.log(bytes) / Math.log(1000)), UNITS.length - 1) : 0;
  return `${(bytes / 1000 ** power).toFixed(power ? 1 : 0)} ${UNITS[power]}`;
}
