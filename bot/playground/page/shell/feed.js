// The connection to the playground: events in, batched; reconnects by itself, longer each time.
import { apply, link, ready, wire } from "./state.js";

const FIRST_WAIT = 400; // ms
const LONGEST_WAIT = 8000; // ms
const GATHER = 16; // ms over which events are taken in together

let socket = null;
let person = "";
let wired = false;
let wait = FIRST_WAIT;
let timer = 0;
let queue = [];
let gathering = 0;

/** Follow what this person sees, from now on. */
export function follow(user) {
  person = user;
  wait = FIRST_WAIT;
  connect();
}

/** Try again now. */
export function retry() {
  wait = FIRST_WAIT;
  connect();
}

/** Ask for what goes over the wire, or no longer. */
export function tap(on) {
  wired = on;
  if (on) wire.value = [];
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ wire: on }));
}

function connect() {
  clearTimeout(timer);
  socket?.close();
  queue = [];
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/page/feed?user=${encodeURIComponent(person)}`);
  socket = mine;
  mine.onopen = () => opened(mine);
  mine.onmessage = (event) => mine === socket && take(JSON.parse(event.data));
  mine.onclose = () => mine === socket && lost();
}

function opened(mine) {
  if (mine !== socket) return;
  wait = FIRST_WAIT;
  link.value = "up";
  if (wired) tap(true);
}

function lost() {
  link.value = "down";
  timer = setTimeout(connect, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

/** The first state is taken in at once when it is complete, the rest as it comes. */
function take(event) {
  if (event.kind === "hello") ready.value = false;
  queue.push(event);
  if (ready.value || event.kind === "ready") gathering ||= setTimeout(flush, GATHER);
}

function flush() {
  const events = queue;
  queue = [];
  gathering = 0;
  apply(events);
}
