/** What the layer itself tells the audit log. */
export const LAYER_EVENTS = {
  guardFailed: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'A guard failed. The request was refused: a broken door is a closed one.',
    details: { guard: 'text', error: 'any' },
    stack: true,
  },
  unheard: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'A form that was kept was not taken, and nobody awaited it.',
    details: { error: 'any', reason: 'text' },
    stack: true,
  },
  storeRecovered: {
    name: 'sys_store_recovered',
    level: 'warn',
    meaning: 'A store across a network is back; the line says how long it was gone.',
    details: { store: 'text', goneMs: 'number' },
  },
  undeclared: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning:
      'The application wrote an event that nobody declared: `undeclared` is its name, and what it said stands beside it. Declare it in `events` of the policy.',
    details: { undeclared: 'text', guess: 'text?' },
    bounded: true,
  },
  observed: {
    name: 'sys_observed',
    level: 'info',
    meaning:
      'What a guard in mode `observe` would have set, changed or removed of a head, by the names of headers in `changes`; `head` says whether that of the answer, or of the request as an upstream would get it. Each is told once for a route of the policy; the count has all.',
    details: { guard: 'text', observed: 'flag', head: 'text', changes: 'texts' },
  },
} as const;
