/** What `bulwark/content` exports, with arguments that it takes. */
import type { Calls } from './refused-calls.ts';

/** By name. */
export const CONTENT: Calls = {
  contentScan: [{}],
  clamd: [{ socket: '/nowhere' }],
  watchSignatures: [{ version: () => Promise.resolve('a') }, () => undefined, {}],
  // It answers with a promise, which is refused where there is no such file.
  fileAt: ['package.json'],
  csvCell: ['a', {}],
  csvRow: [['a'], {}],
};
