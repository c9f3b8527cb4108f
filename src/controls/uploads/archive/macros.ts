/** How an Office file says that it has macros, which run as whoever opens it. */

/** What an Office file keeps its macros in: also those of Excel 4, which have no such part. */
export const MACRO_PART: RegExp = /(?:^|\/)(?:vbaproject\.bin|macrosheets\/[^/]+)$/i;
/** How it says so in its list of types. */
export const MACRO_TYPE: RegExp = /macroenabled|vbaproject|excel4macro|intlmacrosheet/i;
