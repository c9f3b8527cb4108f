/** The patterns of the policy's `routes`, and what other routers write in their place. */

/** A pattern taken apart. Segments are lower case; `*` stands for one segment, `**` (last) for any number. */
export interface RoutePattern {
  /** As the policy writes it. */
  readonly text: string;
  /** Undefined: every method. `GET` holds for HEAD too. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly segments: readonly string[];
  /** The same in its own letters, as a browser puts them on the wire. A slash at the end is an empty last one. */
  readonly letters: readonly string[];
}

const PATTERN = /^(?:([A-Z]+(?:,[A-Z]+)*) )?(\/\S*)$/;
/** `*`, `:name`, or a name of what an address holds unescaped (RFC 3986 3.3), without what routers have a meaning for. */
const SEGMENT = /^(?:\*|:\w+|(?!\.{1,2}$|\$)(?:[\w.~!$&'+,;=@-]|[^\0-\x9f\s])+)$/;

/**
 * Takes a pattern apart: `/admin/**`, `POST /login`, `GET,POST /notes/:id`. Undefined where the text is none.
 * `:name` is `*` with a name for the reader, and the whole of its segment.
 */
export function parseRoutePattern(text: string): RoutePattern | undefined {
  const match = PATTERN.exec(text);
  const path = match?.[2];
  if (path === undefined) return undefined;
  const written = path === '/' ? [''] : path.slice(1).split('/');
  const names = written.at(-1) === '' ? written.slice(0, -1) : written;
  const fixed = names.at(-1) === '**' ? names.slice(0, -1) : names;
  if (!fixed.every((segment) => SEGMENT.test(segment))) return undefined;
  const plain = (segment: string): string => (segment.startsWith(':') ? '*' : segment);
  const methods = match?.[1]?.split(',');
  return {
    text,
    methods: methods === undefined ? undefined : new Set(methods),
    segments: names.map((segment) => plain(segment).toLowerCase()),
    letters: written.map((segment) => encodeURI(plain(segment))),
  };
}

/** Two patterns with this in common match the same paths, whatever their case, names and last slash. */
export function foldedPath({ segments }: RoutePattern): string {
  return `/${segments.join('/')}`;
}

/** Whether some request is one for both: of two limits the narrower one's alone would count there. */
export function meet(one: RoutePattern, other: RoutePattern): boolean {
  if (one.methods !== undefined && other.methods?.isDisjointFrom(one.methods) === true) return false;
  for (let index = 0; ; index += 1) {
    const [a, b] = [one.segments[index], other.segments[index]];
    if (a === '**' || b === '**' || (a === undefined && b === undefined)) return true;
    if (a === undefined || b === undefined || (a !== b && a !== '*' && b !== '*')) return false;
  }
}

/** The lines of ours that come nearest to a pattern of another grammar. Empty where nothing does. */
export function suggestPatterns(text: string): readonly string[] {
  const [path = '', method] = text.trim().split(/\s+/).toReversed();
  const methods = method === undefined || !/^[a-z,]+$/i.test(method) ? '' : `${method.toUpperCase()} `;
  const fromSlash = path
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/[?#].*$/s, (end) => (/^\?($|\/)/.test(end) ? end : ''));
  // `{/:id}` and `:id?` may be there or not: each is a line of its own.
  const optional = /\{\/[^{}]*\}|\/:\w+\?|\/\[\[\w+\]\]/.exec(fromSlash)?.[0];
  const ways =
    optional === undefined
      ? [fromSlash]
      : [fromSlash.replace(optional, ''), fromSlash.replace(optional, optional.replace(/^\{|\}$|\?$/g, ''))];
  return ways
    .map((way) => methods + translate(way))
    .filter((line, index, all) => parseRoutePattern(line) !== undefined && all.indexOf(line) === index);
}

function translate(path: string): string {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '' && !/^\(\w+\)$/.test(segment))
    .map(translateSegment);
  return `/${segments.join('/')}`;
}

function translateSegment(segment: string): string {
  const prefix = /^([\w.-]+)\*$/.exec(segment)?.[1];
  if (prefix !== undefined) return `${prefix}/**`;
  if (/^(?:\[?\[\.\.\..*|\*\w*|\$|\(\.\*\)|\{[*.].*|.*[*+])$/.test(segment)) return '**';
  if (!/[:[\]{}()<>$*?%\\]/.test(segment)) return segment;
  const name = /:(\w+)|\[\[?(\w+)|\$(\w+)|\{:?(\w+)|<(?:\w+:)?(\w+)/
    .exec(segment)
    ?.slice(1)
    .find((one) => one !== undefined);
  return name === undefined ? '*' : `:${name}`;
}
