/** How a value looks in what a server sends back: in addresses, forms, pages and scripts. */

/** Names of HTML; numbers stand for any character. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;'],
  "'": ['&apos;'],
};
/** As JSON writes them, besides by number. */
const BY_BACKSLASH: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/**
 * Finds a value however it is spelled. Each character of it by itself may be as it is, percent-encoded, escaped for HTML or
 * for JSON: which of them are differs from one framework to the next.
 */
export function patternOf(value: string): RegExp {
  return new RegExp(Array.from(value.toWellFormed()).map(spellings).join(''), 'g');
}

function spellings(one: string): string {
  const code = one.codePointAt(0) ?? 0;
  const bytes = [...Buffer.from(one)].map((byte) => `%${anyCase(byte.toString(16).padStart(2, '0'))}`);
  const units = one.split('').map((unit) => `\\\\u${anyCase(hexOf(unit))}`);
  const all = [
    // The longest first: `&amp;` begins with what it stands for.
    ...(NAMED[one] ?? []),
    ...(BY_BACKSLASH[one] === undefined ? [] : [literal(BY_BACKSLASH[one])]),
    units.join(''),
    bytes.join(''),
    `&#0{0,4}${code};`,
    `&#[xX]0{0,4}${anyCase(code.toString(16))};`,
    literal(one),
    ...(one === ' ' ? ['\\+'] : []),
  ];
  return `(?:${all.join('|')})`;
}

function hexOf(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, '0');
}

function anyCase(hex: string): string {
  return hex.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function literal(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}
