/** What is found out about names of headers, once for each: they are few, and come with every request. */

const MOST_KEPT = 512;
const LONGEST_KEPT = 64;

/**
 * Remembers what a function says of a name. Bounded, since a client may make names up: those are looked at each time.
 *
 * @param find - says the same of a name however often it is asked
 */
export function byName<Found extends number | string | object>(
  find: (name: string) => Found,
): (name: string) => Found {
  const known = new Map<string, Found>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
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
 * The one text in memory that all equal ones of the code are: such names are compared by their place, where others are compared
 * letter by letter, and a head is asked for a name forty times.
 */
export function unique<Text extends string>(text: Text): Text {
  return (Object.keys({ [text]: 0 })[0] ?? text) as Text;
}
