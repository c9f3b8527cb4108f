/** The weight of something that a client would take (RFC 9110 12.4.2). */

/**
 * Of the parameters behind what is named, as they stand between semicolons and in lower case: 1 where they name none, 0
 * where what they name is none.
 */
export function quality(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const text = parameter.trim();
    if (text.startsWith('q='))
      return /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text.slice(2)) : 0;
  }
  return 1;
}
