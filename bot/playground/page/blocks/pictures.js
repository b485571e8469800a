// Pictures: those the app uploaded come from this server, by id; others by their address.
import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons.js";
import { safeAddress } from "./mrkdwn.js";
import { Text } from "./text.js";
import { words } from "./words.js";

/** Where a picture is: "" when it has no address that may be loaded. */
function addressOf({ slack_file: file, image_url: address }) {
  if (file?.id) return `/files/${encodeURIComponent(file.id)}`;
  return safeAddress(address ?? file?.url ?? "");
}

/** A picture, or its alternative text where it cannot be shown. */
export function Picture({ of, small = false }) {
  const [failed, setFailed] = useState(false);
  const address = addressOf(of);
  if (!address || failed) {
    return html`<span class="b-no-picture" data-small=${small}><${Icon} name="image-off" /> ${of.alt_text || words.pictureMissing}</span>`;
  }
  return html`<img class="b-picture" data-small=${small} src=${address} alt=${of.alt_text ?? ""} onError=${() => setFailed(true)} />`;
}

export function ImageBlock({ block }) {
  const title = block.title && html`<figcaption class="b-caption"><${Text} of=${block.title} /></figcaption>`;
  return html`<figure class="b-figure">${title}<${Picture} of=${block} /></figure>`;
}
