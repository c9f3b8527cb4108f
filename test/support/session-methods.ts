import { ANY, type Calls } from './refused-calls.ts';

/** What the methods of a session take, for the list of public objects. */
export const SESSION_METHODS: Calls = {
  get: ['k'],
  set: ['k', ANY],
  delete: ['k'],
  take: ['k', 't'],
  hasRoomFor: ['k', ANY],
  signIn: [{ account: 'a' }],
  confirm: [],
  renew: [{}],
  signOut: [],
  list: [],
  revoke: ['h'],
  revokeOthers: [],
  beginAnew: [],
  confirmOrVisit: [],
  change: ['k', () => undefined],
  issueToken: ['p', 1000],
  useToken: ['p', 't'],
};
