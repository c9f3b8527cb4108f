/** Older secrets in one text, and why the one in use may not look like several. */
import type { Problems } from '../core/problems.ts';

const BETWEEN = /[,\r\n]/;

/** The secrets of a text that holds several. */
export function partsOf(text: string): readonly string[] {
  return text
    .split(BETWEEN)
    .map((one) => one.trim())
    .filter(Boolean);
}

/** Whether a text would come out of {@link partsOf} in pieces: what it signed would verify no more. */
export function isParted(secret: string): boolean {
  return BETWEEN.test(secret);
}

/** Where the one in use is so: said while it can be changed in peace, and not by its first rotation. */
export function refuseParted(option: string, name: string, fix: string, problems: Problems): void {
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    option,
    `it has a comma or a line break in it, which part secrets in ${name}_PREVIOUS: it could not be rotated out.`,
    fix,
  );
}
