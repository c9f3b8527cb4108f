/** A device in words, from what its browser says of itself. A guess for people to recognise, never a fact to act on. */

type Sign = readonly [token: string, name: string];

// The first that fits: most browsers also claim to be those below them.
const BROWSERS: readonly Sign[] = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Vivaldi/', 'Vivaldi'],
  ['FxiOS/', 'Firefox'],
  ['Firefox/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['HeadlessChrome/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
];

const SYSTEMS: readonly Sign[] = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Macintosh', 'Mac'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
];

/** What browser and system say of themselves, as far as either is known. */
export function deviceOf(userAgent: string): {
  readonly browser: string | undefined;
  readonly system: string | undefined;
} {
  const known = (signs: readonly Sign[]): string | undefined =>
    signs.find(([token]) => userAgent.includes(token))?.[1];
  return { browser: known(BROWSERS), system: known(SYSTEMS) };
}
