/** Which way a language is written. */

/** That of a language as it is named in a `lang`. */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  // Newer than the types of the language: ECMA-402, Intl Locale Info.
  const { getTextInfo } = Intl.Locale.prototype as { getTextInfo?: () => { readonly direction?: string } };
  return getTextInfo?.call(new Intl.Locale(locale)).direction === 'rtl' ? 'rtl' : 'ltr';
}
