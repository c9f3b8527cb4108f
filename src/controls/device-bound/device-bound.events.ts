/** What the device-bound room tells the audit log, and what it answers with. */

export const DEVICE_EVENTS = {
  bound: {
    name: 'session_device_bound',
    level: 'info',
    meaning: 'A session was bound to the device that it began on: its cookie alone opens nothing elsewhere.',
    details: { sessionRef: 'text', account: 'person', algorithm: 'text' },
  },
  notBound: {
    name: 'session_device_refused',
    level: 'warn',
    meaning: 'A device was offered for a session, and its proof did not hold. The session goes on unbound.',
    details: { reason: 'text', sessionRef: 'text?' },
    bounded: true,
  },
  misused: {
    name: 'session_misuse_refused',
    level: 'critical',
    meaning:
      'The cookie of a session that is bound to a device was used without that device: it was stolen, or the browser lost its key. Nothing was opened. `observed`: it was let be.',
    details: { sessionRef: 'text', account: 'person', reason: 'text', observed: 'flag?' },
    bounded: true,
  },
  unproved: {
    name: 'session_proof_lost',
    level: 'info',
    meaning:
      'A browser could not prove its device: it says why (`reason` in the words of the draft) and is where the session began, or a page of another origin asked or led here. No sign of a theft, and nothing was opened. `observed`: it was let be.',
    details: { sessionRef: 'text', reason: 'text', observed: 'flag?' },
    bounded: true,
  },
  unprovedLink: {
    name: 'session_link_unproved',
    level: 'warn',
    meaning:
      'A link was followed outside the network of its session with the cookie of one that is bound to a device, and within a minute nobody proved the device there (`network`). It opened nothing. A tab that was closed too soon; or a theft.',
    details: { sessionRef: 'text', account: 'person', network: 'personal' },
  },
} as const;

export const DEVICE_PROBLEMS = {
  /** A link on another site comes before the browser could prove anything: its page loads again by itself. */
  oneMoment: { type: 'device-one-moment', title: 'One moment', status: 401 },
  notProved: {
    type: 'device-not-proved',
    title: 'Your browser could not show that it is yours',
    status: 401,
  },
  /** To browsers alone. 403 is what has them answer the challenge. */
  challenge: { type: 'device-challenge', title: 'The device is asked for its proof', status: 403 },
  /** To browsers alone. 401 ends what they keep. */
  ended: { type: 'device-ended', title: 'This device is bound to no session here', status: 401 },
} as const;
