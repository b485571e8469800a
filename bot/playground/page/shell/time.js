// Days and times as the person acted as would read them: their zone, their locale.
import { me } from "./state.js";
import { words } from "./words.js";

const made = new Map();

/** 14:05 */
export const clock = (ts) => format({ timeStyle: "short" }, ts);

/** A whole moment, for a tooltip. */
export const moment = (ts) => format({ dateStyle: "full", timeStyle: "medium" }, ts);

/** Wednesday, 18 November; today and yesterday by name. */
export function day(ts) {
  const that = dayOf(ts);
  if (that === dayOf(Date.now() / 1000)) return words.today;
  if (that === dayOf(Date.now() / 1000 - 86400)) return words.yesterday;
  return format({ weekday: "long", day: "numeric", month: "long" }, ts);
}

/** A key that is the same for all moments of a day. */
export const dayOf = (ts) => format({ year: "numeric", month: "2-digit", day: "2-digit" }, ts);

function format(options, ts) {
  const locale = me.value?.locale || "en-GB";
  const zone = me.value?.tz || undefined;
  const name = `${locale} ${zone} ${JSON.stringify(options)}`;
  if (!made.has(name)) made.set(name, new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }));
  return made.get(name).format(Number(ts) * 1000);
}
