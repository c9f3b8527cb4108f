/** The script of a page that sends files: the form works without it. */
import { readFileSync } from 'node:fs';

/** As it is sent. */
export const uploadScript: string = readFileSync(new URL('./upload.browser.js', import.meta.url), 'utf8');
