// A small layer next to what opened it: the browser's own popover, so that nothing clips it and Esc closes it.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const GAP = 4;
const EDGE = 8;

function place(anchor, layer, wide) {
  const at = anchor.getBoundingClientRect();
  if (wide) layer.style.minWidth = `${at.width}px`;
  const size = layer.getBoundingClientRect();
  const below = at.bottom + GAP + size.height <= innerHeight - EDGE;
  const top = below ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - size.height);
  const left = Math.max(EDGE, Math.min(at.left, innerWidth - size.width - EDGE));
  layer.style.top = `${top}px`;
  layer.style.left = `${left}px`;
}

/** Refs for the anchor and the layer (which carries `popover`), and whether it is open.

    A layer that is `wide` is at least as wide as its anchor. `manual` ones close only when told. */
export function usePopup({ wide = false } = {}) {
  const anchor = useRef(null);
  const layer = useRef(null);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    const shown = layer.current;
    if (!open || !shown?.isConnected) return undefined;
    const follow = () => place(anchor.current, shown, wide);
    if (!shown.matches(":popover-open")) shown.showPopover();
    follow();
    addEventListener("scroll", follow, { capture: true, passive: true });
    addEventListener("resize", follow);
    return () => {
      removeEventListener("scroll", follow, { capture: true });
      removeEventListener("resize", follow);
      if (shown.isConnected && shown.matches(":popover-open")) shown.hidePopover();
    };
  }, [open]);
  const toggled = (event) => event.newState === "closed" && setOpen(false);
  return { anchor, layer, open, setOpen, toggled };
}
