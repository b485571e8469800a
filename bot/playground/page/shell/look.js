// Light or dark, and whether things may move.
import { signal } from "@preact/signals";

const system = matchMedia("(prefers-color-scheme: dark)");
const KEPT = "dealcoach.theme";

export const theme = signal(document.documentElement.dataset.theme);
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const phone = matchMedia("(max-width: 699px)");
export const narrow = signal(phone.matches);
phone.addEventListener("change", () => (narrow.value = phone.matches));

/** The other of the two, and keep the choice. */
export function switchTheme() {
  const next = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(KEPT, next);
  show(next);
}

system.addEventListener("change", (event) => {
  if (!localStorage.getItem(KEPT)) show(event.matches ? "dark" : "light");
});

function show(next) {
  document.documentElement.dataset.theme = next;
  theme.value = next;
}
