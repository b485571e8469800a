// Line icons, drawn for this page on a 20 x 20 grid.
import { html } from "htm/preact";

const PATHS = {
  home: "M3.5 9 10 3.5 16.5 9v7.5h-4.7v-4.6H8.2v4.6H3.5z",
  coach: "M3.5 4.5h13v9h-7l-3.8 3v-3H3.5zM7 10.2l2.2-2.2 1.5 1.4L13.4 7",
  hash: "M8 3.5 6.5 16.5M13.5 3.5 12 16.5M4 7.5h12.5M3.5 12.5H16",
  lock: "M5.5 9h9v7.5h-9zM7.2 9V6.4a2.8 2.8 0 0 1 5.6 0V9",
  shared: "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
  notes: "M5 3.5h10v13H5zM7.5 7h5M7.5 10h5M7.5 13h3",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  close: "m5 5 10 10M15 5 5 15",
  back: "M12 4.5 6.5 10l5.5 5.5",
  next: "m8 4.5 5.5 5.5L8 15.5",
  down: "M10 4v11.5M5 11l5 5 5-5",
  up: "M10 16V4.5M5 9l5-5 5 5",
  send: "M4 10h11M10.5 5l5 5-5 5",
  stop: "M5.5 5.5h9v9h-9z",
  search: "M9 3.8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 9 3.8zM12.8 12.8l3.7 3.7",
  sun: "M10 6.8a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4zM10 2.5v1.8M10 15.7v1.8M2.5 10h1.8M15.7 10h1.8M4.7 4.7 6 6M14 14l1.3 1.3M15.3 4.7 14 6M6 14l-1.3 1.3",
  moon: "M16 11.8A6.6 6.6 0 1 1 8.2 4a5.4 5.4 0 0 0 7.8 7.8z",
  inspector: "M3.5 7h10M10.5 4l3 3-3 3M16.5 13h-10M9.5 10l-3 3 3 3",
  tour: "M10 3.5a4.8 4.8 0 0 1 4.8 4.8c0 3.6-4.8 8.2-4.8 8.2s-4.8-4.6-4.8-8.2A4.8 4.8 0 0 1 10 3.5zM10 6.8a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z",
  keys: "M3 6h14v8.5H3zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 12h7",
  eye: "M2.5 10S5.2 5.2 10 5.2 17.5 10 17.5 10 14.8 14.8 10 14.8 2.5 10 2.5 10zM10 7.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z",
  bell: "M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.2 1.2H4.3zM8.5 16.8h3",
  thread: "M3.5 4.5h13v8.5H9l-3 2.8V13H3.5z",
  file: "M5.5 3h6l3.5 3.5V17h-9.5zM11 3v4h4",
  download: "M10 3.5v9M6 9l4 4 4-4M4 16.5h12",
  swap: "M6.5 7.5 10 4l3.5 3.5M6.5 12.5 10 16l3.5-3.5",
  copy: "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
  alert: "M10 3.5 17 16H3zM10 8v4M10 13.9h.01",
  check: "m4 10.5 4 4 8-9",
  users: "M7.5 4.5a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM2.5 16c.4-3 2.3-4.5 5-4.5s4.6 1.5 5 4.5M13 5a2.3 2.3 0 1 1 0 4.6M14.8 11.8c1.6.6 2.5 2 2.7 4.2",
};

export const Icon = ({ name, size = 18 }) => html`
  <svg class="icon" viewBox="0 0 20 20" width=${size} height=${size} aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>
`;

export const Mark = ({ size = 28 }) => html`
  <svg class="mark" viewBox="0 0 32 32" width=${size} height=${size} aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" class="mark-ground" />
    <path d="M7 22.5 13 15l4.5 4L25 9.5" class="mark-line" />
    <circle cx="25" cy="9.5" r="2.6" class="mark-dot" />
    <path d="M7 26h18" class="mark-base" />
  </svg>
`;

export function Avatar({ person, size = 28 }) {
  const name = person?.real_name || person?.name || "?";
  const parts = name.split(/\s+/).filter(Boolean);
  const initials = (parts[0]?.[0] ?? "") + (parts.length > 1 ? parts.at(-1)[0] : "");
  return html`<span class="avatar" data-tint=${tint(person?.id ?? name)} style=${{ width: `${size}px`, height: `${size}px` }} aria-hidden="true">${initials.toUpperCase()}</span>`;
}

const TINTS = 6;
const tint = (text) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7) % TINTS;
