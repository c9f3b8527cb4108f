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
  const look = remembering(find);
  return (name) => look(name).found;
}

/**
 * As {@link byName}, for names that come in a list, each asked with its place there: a browser sends its own in one order, so that
 * the name is most often the one that stood there last, and nothing of it has to be read but to compare the two.
 */
export function byPlace<Found extends number | string | object>(
  find: (name: string) => Found,
): (name: string, place: number) => Found {
  const look = remembering(find);
  const places = Array.from({ length: PLACES }, (): Known<Found> | undefined => undefined);
  return (name, place) => {
    const last = places[place & (PLACES - 1)];
    if (last !== undefined && last.name === name) return last.found;
    const known = look(name);
    places[place & (PLACES - 1)] = known;
    return known.found;
  };
}

/** A power of two. */
const PLACES = 64;

function remembering<Found extends number | string | object>(
  find: (name: string) => Found,
): (name: string) => Known<Found> {
  const known = new Map<string, Known<Found>>();
  const slots = Array.from({ length: SLOTS }, (): Known<Found> | undefined => undefined);
  return (name) => {
    const slot = slotOf(name);
    const last = slots[slot];
    if (last !== undefined && last.name === name) return last;
    const other = known.get(name);
    if (other !== undefined) {
      slots[slot] = other;
      return other;
    }
    // A copy: a piece of a head would keep the whole of it in memory.
    const own = Buffer.from(name, 'latin1').toString('latin1');
    // A name of more than a byte a character is none of HTTP, and its copy another one.
    if (own !== name || name.length > LONGEST_KEPT) return { name: undefined, found: find(name) };
    if (known.size >= MOST_KEPT) known.clear();
    const made: Known<Found> = { name: unique(own), found: find(own) };
    known.set(own, made);
    return made;
  };
}

interface Known<Found> {
  /** None of a name that is not kept. */
  readonly name: string | undefined;
  readonly found: Found;
}

/**
 * Where a name is looked for first. A Map reads all letters of each name that comes in, for its hash: of the eighteen lines that
 * a browser sends that was a tenth of what a page costs. Two names of one slot take turns in it, and the Map has both; of the 64 usual
 * names, in both cases, one pair does.
 */
function slotOf(name: string): number {
  const { length } = name;
  if (length === 0) return 0;
  const ends = 103 * name.charCodeAt(0) + 13 * name.charCodeAt(length - 1);
  // At three quarters: `Sec-Fetch-Site` and `Sec-Fetch-Mode` are the same before and behind.
  return (61 * length + ends + 11 * name.charCodeAt((3 * length) >> 2)) & (SLOTS - 1);
}

/**
 * The one text in memory that all equal ones of the code are: such names are compared by their place, where others are compared
 * letter by letter, and a head is asked for a name forty times.
 */
export function unique<Text extends string>(text: Text): Text {
  return (Object.keys({ [text]: 0 })[0] ?? text) as Text;
}
