/** What the calls of files take, for the list of public objects. */
import { ANY, type Calls } from './refused-calls.ts';

/** As much of a client of S3 as is looked at. */
export const S3_CLIENT = {
  putObject: (): void => undefined,
  getObject: (): void => undefined,
  headObject: (): void => undefined,
  deleteObject: (): void => undefined,
} as const;

/** The methods of `Uploads`. */
export const UPLOAD_METHODS: Calls = {
  take: [ANY, {}],
  resume: [{}, ANY],
  send: ['a', {}, ANY],
  sendLink: ['a', {}, ANY],
  find: ['a', 'b'],
  list: ['a', {}],
  usage: ['a'],
  remove: ['a', 'b'],
  removeAll: ['a'],
  share: ['a', 'b', { with: 'c' }],
  shares: ['a', 'b'],
  revoke: ['a', 'b', 'c'],
  sharedWith: ['a', {}],
  rekey: [],
  rescan: [],
  sweep: [],
};
