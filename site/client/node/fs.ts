/** A machine without files: what is looked for is not there, and what is written goes nowhere because it fails. */

type Missing = (...given: readonly unknown[]) => never;

const missing: Missing = () => {
  throw Object.assign(new Error('there are no files on this page'), { code: 'ENOENT' });
};

export const constants = {};
export const existsSync = (): boolean => false;
export const appendFileSync: Missing = missing;
export const chmodSync: Missing = missing;
export const closeSync: Missing = missing;
export const fstatSync: Missing = missing;
export const mkdirSync: Missing = missing;
export const openSync: Missing = missing;
export const readFileSync: Missing = missing;
export const readSync: Missing = missing;
export const readdirSync: Missing = missing;
export const renameSync: Missing = missing;
export const rmdirSync: Missing = missing;
export const statSync: Missing = missing;
export const utimesSync: Missing = missing;
export const writeFileSync: Missing = missing;
export const writeSync: Missing = missing;
