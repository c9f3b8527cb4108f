/** What is found out about names of headers, once for each: they are few, and come with every request. */

const MOST_KEPT = 512;
const LONGEST_KEPT = 64;
/** A power of two. */
const SLOTS = 512;

/**
 * Remembers what a function says of a name. Bounded, since a client may make names up: those are looked at each time.
 *
 * @param find - says the same of a name however often it is asked
 */
export function byName<Found extends number | string | object>(
  find: (name: string) => Found,
): (name: string) => Found {
  const known = new Map<string, Found>();
  const names = Array.from({ length: SLOTS }, () => '');
  const founds = Array.from({ length: SLOTS }, (): Found | undefined => undefined);
  return (name) => {
    const slot = slotOf(name);
    if (names[slot] === name) {
      const found = founds[slot];
      if (found !== undefined) return found;
    }
    const found = known.get(name);
    if (found !== undefined) {
      names[slot] = unique(name);
      founds[slot] = found;
      return found;
    }
    // A copy: a piece of a head would keep the whole of it in memory.
    const own = Buffer.from(name, 'latin1').toString('latin1');
    // A name of more than a byte a character is none of HTTP, and its copy another one.
    if (own !== name || name.length > LONGEST_KEPT) return find(name);
    if (known.size >= MOST_KEPT) known.clear();
    const made = find(own);
    known.set(own, made);
    return made;
  };
}

/**
 * Where a name is looked for first. A Map reads all letters of each name that comes in, for its hash: of the eighteen lines that
 * a browser sends that was a tenth of what a page costs. Two names of one slot take turns in it, and the Map has both; of the 62 usual
 * names, in both cases, four do.
 */
function slotOf(name: string): number {
  const { length } = name;
  if (length === 0) return 0;
  const ends = 47 * name.charCodeAt(0) + 39 * name.charCodeAt(length - 1);
  return (17 * length + ends + 11 * name.charCodeAt(length >> 1)) & (SLOTS - 1);
}

/**
 * The one text in memory that all equal ones of the code are: such names are compared by their place, where others are compared
 * letter by letter, and a head is asked for a name forty times.
 */
export function unique<Text extends string>(text: Text): Text {
  return (Object.keys({ [text]: 0 })[0] ?? text) as Text;
}
