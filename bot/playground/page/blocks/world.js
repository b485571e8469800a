// What the blocks of one surface share: who acts, what was entered, whom and what the reader knows.
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export const World = createContext({});
export const useWorld = () => useContext(World);

/** The value under a key of a Map or a plain object; undefined where there is none. */
export function lookup(table, key) {
  if (table instanceof Map) return table.get(key);
  return table && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A value that loads once for the whole page; null until it is there (or if it never comes). */
export function lazily(load) {
  let value = null;
  let pending = null;
  const start = () => (pending ??= load().then((loaded) => (value = loaded), () => null));
  return function useLoaded(wanted = true) {
    const [, told] = useState(0);
    useEffect(() => {
      let here = true;
      if (wanted && value === null) start().then(() => here && told((count) => count + 1));
      return () => (here = false);
    }, [wanted]);
    return wanted ? value : null;
  };
}

/** What was entered or chosen in an element, and how to change it: the page's value, else our own, else the first. */
export function useEntered(element, first) {
  const { values, setValue } = useWorld();
  const [own, setOwn] = useState(undefined);
  const entered = lookup(values, element.action_id) ?? own ?? first;
  const enter = (value) => {
    setOwn(value);
    setValue?.(element.action_id, value);
  };
  return [entered, enter];
}
