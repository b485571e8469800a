// Slack's mrkdwn as a tree of plain nodes. Text in, data out; nothing here ever becomes HTML.
//
// Blocks: {kind: "lines" | "quote", lines: [nodes]}, {kind: "list", items: [nodes]}, {kind: "pre", text}.
// Nodes: {kind: "text", text}, {kind: "bold" | "italic" | "strike", children}, {kind: "code" | "emoji", text},
// {kind: "link", href, text}, {kind: "user" | "channel" | "special", id, text}, {kind: "date", at, format, text}.

const FENCE = /```([\s\S]+?)```\n?/g;
const SPECIAL = /<([^<>\n]+)>/y;
const CODE = /`([^`\n]+)`/y;
const EMOJI = /:([a-z0-9_+'-]{1,60}):(?::skin-tone-[2-6]:)?/y;
const ADDRESS = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]}'"]/y;
const WORD = /[\p{L}\p{N}]/u;
const STYLES = { "*": "bold", _: "italic", "~": "strike" };
const SAFE = new Set(["http:", "https:", "mailto:"]);
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** The address itself if a reader may follow it (http, https, mailto); "" for every other. */
export function safeAddress(address) {
  try {
    const url = new URL(address);
    return SAFE.has(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

/** The blocks of a mrkdwn text. With `links`, bare addresses become links too. */
export function parse(text, { links = true } = {}) {
  const blocks = [];
  let from = 0;
  for (const fence of text.matchAll(FENCE)) {
    blocks.push(...paragraphs(text.slice(from, fence.index).replace(/\n$/, ""), links));
    blocks.push({ kind: "pre", text: unescaped(fence[1].replace(/^\n|\n$/g, "")) });
    from = fence.index + fence[0].length;
  }
  return [...blocks, ...paragraphs(text.slice(from), links)];
}

function paragraphs(text, links) {
  const blocks = [];
  if (!text) return blocks;
  for (const line of text.split("\n")) {
    const [kind, content] = kindOf(line);
    const last = blocks.at(-1);
    const block = last?.kind === kind ? last : { kind, [kind === "list" ? "items" : "lines"]: [] };
    if (block !== last) blocks.push(block);
    (block.items ?? block.lines).push(inline(content, links));
  }
  return blocks;
}

function kindOf(line) {
  const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
  if (quote) return ["quote", quote[1]];
  const item = /^\s*[•◦▪] (.*)$/.exec(line);
  return item ? ["list", item[1]] : ["lines", line];
}

/** The nodes of one line. `open` holds the styles around it: none is opened twice. */
export function inline(text, links = true, open = "") {
  const nodes = [];
  const hopeless = new Set(); // marks that nothing on the rest of the line closes: keeps this linear
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const found = styled(text, at, links, open, hopeless) ?? single(text, at, links);
    if (found) {
      if (plain) nodes.push({ kind: "text", text: unescaped(plain) });
      plain = "";
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  if (plain) nodes.push({ kind: "text", text: unescaped(plain) });
  return nodes;
}

function styled(text, at, links, open, hopeless) {
  const mark = text[at];
  if (!(mark in STYLES) || open.includes(mark) || hopeless.has(mark) || !opens(text, at)) return null;
  const end = closing(text, at);
  if (end < 0) {
    hopeless.add(mark);
    return null;
  }
  const children = inline(text.slice(at + 1, end), links, open + mark);
  return { node: { kind: STYLES[mark], children }, end: end + 1 };
}

/** Does a style open here? Never within a word, before a space or before the same mark. */
function opens(text, at) {
  const after = text[at + 1] ?? " ";
  return !WORD.test(text[at - 1] ?? " ") && after !== text[at] && !/\s/.test(after);
}

function closing(text, at) {
  for (let end = text.indexOf(text[at], at + 2); end > 0; end = text.indexOf(text[at], end + 1)) {
    if (!/\s/.test(text[end - 1]) && !WORD.test(text[end + 1] ?? " ")) return end;
  }
  return -1;
}

function single(text, at, links) {
  const readers = { "<": [SPECIAL, special], "`": [CODE, code], ":": [EMOJI, emoji] };
  const [pattern, read] = readers[text[at]] ?? (links && text[at] === "h" ? [ADDRESS, address] : []);
  if (!pattern) return null;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  const node = match && read(match);
  return node ? { node, end: at + match[0].length } : null;
}

const code = (match) => ({ kind: "code", text: unescaped(match[1]) });
const emoji = (match) => ({ kind: "emoji", text: match[1] });

function address(match) {
  const href = safeAddress(unescaped(match[0]));
  return href ? { kind: "link", href, text: unescaped(match[0]) } : null;
}

function special(match) {
  const [target, ...rest] = match[1].split("|");
  const text = unescaped(rest.join("|"));
  if (target.startsWith("@")) return { kind: "user", id: target.slice(1), text };
  if (target.startsWith("#")) return { kind: "channel", id: target.slice(1), text };
  if (target.startsWith("!date^")) return date(target, text);
  if (target.startsWith("!")) return { kind: "special", id: target.slice(1), text };
  const href = safeAddress(unescaped(target));
  return href ? { kind: "link", href, text: text || unescaped(target).replace(/^mailto:/, "") } : null;
}

function date(target, text) {
  const [, at, format = ""] = target.split("^");
  const known = /^\d{1,12}$/.test(at);
  return known ? { kind: "date", at: Number(at), format, text } : { kind: "text", text };
}

const unescaped = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);

const DAY = { year: "numeric", month: "long", day: "numeric" };
const SHOWN = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: DAY,
  date_short: { ...DAY, month: "short" },
  date_long: { ...DAY, weekday: "long" },
  date_pretty: DAY,
  date_short_pretty: { ...DAY, month: "short" },
  date_long_pretty: { ...DAY, weekday: "long" },
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
};

/** A moment as `{date_short} at {time}` asks for it, in the reader's own words and zone. */
export function moment(node, locale, timeZone) {
  const at = new Date(node.at * 1000);
  const shown = (name) => new Intl.DateTimeFormat(locale, { ...SHOWN[name], timeZone }).format(at);
  return node.format.replace(/\{(\w+)\}/g, (whole, name) => (name in SHOWN ? shown(name) : whole));
}
