/** How a report stands out where it can: colours are the terminal's affair. */

/** What weight a text has. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** No weight at all: files and pipes. */
export const PLAIN: Paint = { strong: (text) => text, faint: (text) => text };
