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

/** What applications call of `layer.sessions`. */
export const ALL_SESSIONS_METHODS: Calls = {
  list: ['a', 1],
  revoke: ['h', ANY],
  revokeAccount: ['a', 'h', ANY],
  // Of the layer: they take its exchange, which nobody else has.
  use: [ANY],
  begin: [ANY],
  fateNow: [ANY, ANY],
  wasReplaced: [ANY, ANY],
  follow: [ANY],
  accompany: [ANY],
  start: [ANY, ANY, ANY],
  signIn: [ANY, ANY, ANY, ANY],
  renew: [ANY, ANY, ANY, ANY],
  signOut: [ANY, ANY],
  // It takes whatever it is given: nothing may be lost because it was told oddly.
  audit: [ANY, ANY, ANY],
};

/** What they call of `accounts.stays`. */
export const STAY_METHODS: Calls = {
  list: ['a'],
  // Of sign-ins and sessions, which hand on what they were handed.
  endHere: [ANY],
  held: [ANY],
  ready: [ANY, ANY, ANY],
  isKnown: [ANY],
  endOther: [ANY, ANY],
  endOne: [ANY, ANY],
  endAll: [ANY, ANY],
};
