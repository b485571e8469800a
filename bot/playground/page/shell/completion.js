// What may be meant by what is typed so far: commands at the start, people after an @. Pure functions.

const MOST = 8;

/** Suggestions for a text with the cursor at `at`: [{kind, insert, from, to, label, hint, description}]. */
export function suggest(text, at, commands, people) {
  const before = text.slice(0, at);
  if (/^\/\S*$/.test(before)) return commandsFor(before, text, commands);
  const named = before.match(/(^|\s)@([\w.-]*)$/);
  return named ? peopleFor(named[2], at, people) : [];
}

/** The command a line uses, once its word is complete. */
export function commandOf(text, commands) {
  const word = text.match(/^(\/\S+)(\s|$)/)?.[1];
  return word && commands.find((one) => one.command === word);
}

/** The text with a suggestion put in, and where the cursor then is. */
export function complete(text, suggestion) {
  const after = text.slice(suggestion.to);
  const insert = suggestion.insert + (after.startsWith(" ") ? "" : " ");
  const at = suggestion.from + insert.length;
  return { text: text.slice(0, suggestion.from) + insert + after, at };
}

function commandsFor(typed, text, commands) {
  const to = text.match(/^\S*/)[0].length;
  return commands
    .filter((one) => one.command.startsWith(typed.toLowerCase()))
    .map((one) => ({
      kind: "command", insert: one.command, from: 0, to,
      label: one.command, hint: one.usage_hint ?? "", description: one.description ?? "",
    }));
}

function peopleFor(typed, at, people) {
  const wanted = typed.toLowerCase();
  return [...people.values()]
    .filter((one) => `${one.name} ${one.real_name}`.toLowerCase().split(/\s+/).some((part) => part.startsWith(wanted)))
    .slice(0, MOST)
    .map((one) => ({
      kind: "person", insert: `@${one.name}`, from: at - typed.length - 1, to: at,
      label: one.real_name || one.name, hint: `@${one.name}`, description: one.role ?? "", person: one,
    }));
}
