/** What the server tells the audit log. */
export const NODE_EVENTS = {
  started: {
    name: 'sys_startup',
    level: 'info',
    meaning: 'The layer was made.',
    details: { environment: 'text', origin: 'text?' },
  },
  stopped: { name: 'sys_shutdown', level: 'info', meaning: 'The layer was closed.', details: {} },
  handlerFailed: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'A handler failed, or wrote to an answer that was over.',
    details: { error: 'any' },
    stack: true,
  },
  errorUnseen: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'In development: what the application answered with, where the layer saw no error.',
    details: { reason: 'text', answer: 'text' },
  },
  weakened: {
    name: 'sys_misconfigured',
    level: 'critical',
    meaning:
      'A control holds less than it could, and `code` says why: a proxy that is not named, a server without timeouts, a path that was changed. Each has its entry in docs/errors.md.',
    details: { code: 'text', message: 'text', peer: 'any?' },
  },
  slowRequest: {
    name: 'malicious_slow_client',
    level: 'warn',
    meaning: 'A request that took too long to arrive.',
    details: {},
  },
  headersPastLimit: {
    name: 'malicious_extraneous',
    level: 'warn',
    meaning: 'Headers, or what stands beside the chunks of a body, past every limit.',
    details: { code: 'text' },
  },
  unparsed: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'What came is no well-formed HTTP request.',
    details: { code: 'text?' },
  },
  otherRules: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'The router led a request to a route whose rules had not been asked.',
    details: { reason: 'text' },
  },
} as const;
