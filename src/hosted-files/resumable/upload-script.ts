/** The script of a page that sends files: the form works without it. */
import { readFileSync } from 'node:fs';

let text: string | undefined;

/** As it is sent. */
export function uploadScript(): string {
  text ??= readFileSync(new URL('./upload.browser.js', import.meta.url), 'utf8');
  return text;
}
