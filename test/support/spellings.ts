/** Ways to write a path that some router may take for the same one, and another for another. */

/** Each path in every way that is known here, none twice. */
export function spellingsOf(paths: readonly string[]): readonly string[] {
  const all = new Set<string>();
  for (const path of paths) {
    const once = [path, ...CHANGES.flatMap((change) => change(path))];
    for (const spelling of once) all.add(spelling);
    // Two changes at a time: what one router undoes may hide what the other does.
    for (const spelling of [...slashes(path), ...escapes(path)]) {
      for (const twice of [...cases(spelling), ...ends(spelling), ...absolutes(spelling)]) all.add(twice);
    }
  }
  return [...all];
}

type Change = (path: string) => readonly string[];

const CHANGES: readonly Change[] = [slashes, cases, escapes, dots, semicolons, ends, absolutes, separators];

/** Case: all of it, the first letter, every other one. */
function cases(path: string): readonly string[] {
  const mixed = Array.from(path, (letter, index) => (index % 2 === 0 ? letter.toUpperCase() : letter)).join(
    '',
  );
  return [path.toUpperCase(), path.replace(/[a-z]/, (letter) => letter.toUpperCase()), mixed];
}

/** Each slash doubled and tripled, each segment left out, one and two at the end. */
function slashes(path: string): readonly string[] {
  const places = [...path.matchAll(/\//g)].map(({ index }) => index);
  const within = places.flatMap((at) =>
    ['//', '///'].map((more) => path.slice(0, at) + more + path.slice(at + 1)),
  );
  const segments = path.slice(1).split('/');
  const left = segments.map((_, index) => `/${segments.with(index, '').join('/')}`);
  return [...within, ...left, `${path}/`, `${path}//`, `${path}///`];
}

/** Each letter escaped, all of them, once and twice. */
function escapes(path: string): readonly string[] {
  const escape = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`;
  const letters = [...path.matchAll(/[^/]/g)].map(({ index }) => index);
  const one = letters.map((at) => path.slice(0, at) + escape(path.charAt(at)) + path.slice(at + 1));
  const all = path.replace(/[^/]/g, escape);
  const upper = path.replace(/[^/]/g, (letter) => escape(letter).toUpperCase());
  return [...one, all, upper, ...[...one.slice(0, 3), all].map((text) => text.replaceAll('%', '%25'))];
}

/** Segments that a file system resolves, and names that it cuts. */
function dots(path: string): readonly string[] {
  const first = path.replace(/^\//, '');
  return [
    ...['./', '../', 'x/../', '%2e/', '%2e%2e/', '.%2e/', '%252e%252e/', '..;/', '.../'].map(
      (dot) => `/${dot}${first}`,
    ),
    ...['.', '..', '/.', '/..', '/%2e', '/%2e%2e', '.json', '.html', '%20', '%00', '.data'].map(
      (end) => path + end,
    ),
  ];
}

function semicolons(path: string): readonly string[] {
  const segments = path.slice(1).split('/');
  return segments.flatMap((segment, index) =>
    [';', ';x', ';x=1', '%3b', '%3Bx', ';/', ';..'].map(
      (end) => `/${segments.with(index, segment + end).join('/')}`,
    ),
  );
}

function ends(path: string): readonly string[] {
  return [
    `${path}?`,
    `${path}?a=/b`,
    `${path}?/../..`,
    `${path}?%2f`,
    `${path}%3f`,
    `${path}%3Fa=b`,
    `${path}%23`,
    `${path}#a`,
  ];
}

function absolutes(path: string): readonly string[] {
  return ['http://example.com', 'HTTP://EXAMPLE.COM', 'https://example.com', 'http://example.com:80'].map(
    (origin) => origin + path,
  );
}

/** What only some take for a slash. */
function separators(path: string): readonly string[] {
  return ['%2f', '%2F', '%5c', '\\', '%252f', '%e2%88%95'].flatMap((slash) => [
    path.slice(0, 1) + path.slice(1).replaceAll('/', slash),
    path + slash,
    slash + path.slice(1),
  ]);
}
