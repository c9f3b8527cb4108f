/** As fs.ts, for who waits. */
import { readFileSync } from './fs.ts';

type Missing = (...given: readonly unknown[]) => Promise<never>;

const missing: Missing = () => Promise.try(readFileSync);

export const appendFile: Missing = missing;
export const open: Missing = missing;
export const readFile: Missing = missing;
export const rm: Missing = missing;
export const writeFile: Missing = missing;
