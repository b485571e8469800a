// The keyboard: arrow keys in lists, and keys that work everywhere.

/** Up and down move among the items of the list this is put on; Home and End to its ends. */
export function arrowKeys(event) {
  if (event.target !== event.currentTarget && !event.target.matches("[data-item]")) return;
  const items = [...event.currentTarget.querySelectorAll("[data-item]")].filter((item) => item.offsetParent !== null);
  const next = target(event.key, items.indexOf(document.activeElement), items.length);
  if (next === null || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  items[next].focus();
  items[next].scrollIntoView({ block: "nearest" });
}

function target(key, now, count) {
  if (!count) return null;
  const from = now < 0 && key === "ArrowUp" ? count : now;
  const moves = { ArrowDown: Math.min(from + 1, count - 1), ArrowUp: Math.max(from - 1, 0), Home: 0, End: count - 1 };
  return key in moves ? moves[key] : null;
}

/** Call what belongs to a key pressed anywhere; plain letters only outside fields. */
export function onKeys(bindings) {
  const pressed = (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const act = bindings[name(event)];
    if (!act || (isWriting(event.target) && event.key.length === 1 && !event.ctrlKey && !event.metaKey)) return;
    if (act(event) !== false) event.preventDefault();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}

function name(event) {
  const held = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : ""].filter(Boolean);
  return [...held, event.key].join("+");
}

export const isWriting = (element) => Boolean(element.closest?.("input, textarea, select, [contenteditable=true]"));
