// The gallery: every kind of block and element once, from gallery.json, and what using one would send.
import { html, render } from "htm/preact";
import { useState } from "preact/hooks";
import { Blocks } from "./index.js";

const asked = new URLSearchParams(location.search);
const dark = matchMedia("(prefers-color-scheme: dark)").matches;

function Gallery({ parts, people, channels }) {
  const [theme, setTheme] = useState(asked.get("theme") ?? (dark ? "dark" : "light"));
  const [said, setSaid] = useState("");
  const [values, setValues] = useState(new Map());
  document.documentElement.dataset.theme = theme;
  const world = {
    people,
    channels,
    values,
    theme,
    locale: "en-US",
    tz: "UTC",
    act: (used) => setSaid(JSON.stringify(used)),
    setValue: (action, value) => setValues(new Map(values).set(action, value)),
  };
  const shown = parts.filter((part) => !asked.has("part") || part.title === asked.get("part"));
  return html`<div class="gallery-top"><h1>Blocks</h1>
      <button type="button" class="b-button" onClick=${() => setTheme(theme === "dark" ? "light" : "dark")}>Light or dark</button></div>
    ${shown.map((part) => html`<section class="gallery-part" id=${part.title}><h2>${part.title}</h2>
      <${Blocks} blocks=${part.blocks} surface=${part.surface} errors=${part.errors} ...${world} /></section>`)}
    <output class="gallery-said">${said}</output>`;
}

const answer = await fetch(new URL("gallery.json", import.meta.url));
render(html`<${Gallery} ...${await answer.json()} />`, document.getElementById("gallery"));
