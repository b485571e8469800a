// Where the reader is: #/<person>/<place>/<thread>. A place is "home", "coach" or a conversation's id.
import { signal } from "@preact/signals";

export const route = signal(read());

addEventListener("hashchange", () => {
  route.value = read();
});

/** Go somewhere; what is not given stays, but a thread belongs to its place. */
export function go({ as = route.value.as, place = route.value.place, thread = "" }) {
  const hash = `#/${[as, place, thread].filter((part) => part !== "").map(encodeURIComponent).join("/")}`;
  if (location.hash === hash) return;
  history.pushState(null, "", hash);
  route.value = read();
}

addEventListener("popstate", () => {
  route.value = read();
});

function read() {
  const [as = "", place = "coach", thread = ""] = location.hash.slice(2).split("/").map(decodeURIComponent);
  return { as, place: place || "coach", thread };
}
