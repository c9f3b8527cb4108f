/** Codes as people type and paste them, whatever their keyboard and the app they copy from. */

/** The last two are a minus sign and a full stop of East Asia: what keyboards put in the place of a dash. */
const SEPARATORS = /[\s\p{Pd}\p{Cf}\p{Pc}.\u2212\u3002]/gu;
const DIGIT = /^\p{Nd}$/u;
const DIGITS = /\p{Nd}/gu;

/**
 * A code without what separates its groups and without marks that nobody sees, its digits and letters as ASCII has them:
 * Arabic, Persian and Indian digits, full-width ones, and dashes of every length. Whatever is no digit stays.
 */
export function plainCode(text: string): string {
  return text.normalize('NFKC').replace(SEPARATORS, '').replace(DIGITS, asciiDigit);
}

// In Unicode digits stand ten in a row, from zero on, and now and then several rows one after the other.
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return digit;
  let first = code;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}
