/** The script of a page that sends files: the form works without it. */
import { readFileSync } from 'node:fs';

let text: string | undefined;

/** As it is sent. Read when it is first asked for: a bundled application that never does needs no file beside it. */
export function uploadScript(): string {
  text ??= readFileSync(new URL('./upload.browser.js', import.meta.url), 'utf8');
  return text;
}
