/** What the process that is killed and the one that looks after it agree on. */

export const SECRET: Uint8Array = Buffer.alloc(32, 'k');
/** Of bytes: what is kept first, and a part of what comes then. */
export const QUOTA = 4_000_000;
export const RULE = { types: ['text/plain'], size: 2_000_000, files: 5, total: 5_000_000 } as const;

const part = (name: string, text: string): string =>
  `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${text}\r\n`;

/** What is acknowledged, by the names of files. */
export const TEXTS: Readonly<Record<string, string>> = {
  'small.txt': 'a few words',
  'long.txt': 'a line of text\n'.repeat(20_000),
};
export const KEPT: string = `${Object.entries(TEXTS)
  .map(([name, text]) => part(name, text))
  .join('')}--b--`;
/** What it is killed over: two files, so that there is something before and behind each phase. */
export const FORM: string = `${part('one.txt', 'x'.repeat(500_000))}${part('two.txt', 'y'.repeat(500_000))}--b--`;
