/** What the log tells of itself, in its own file: where a chain begins, what of it is signed, and what it lost. */
export const LOG_EVENTS = {
  opened: {
    name: 'sys_log_opened',
    level: 'info',
    meaning:
      'A process begins a chain of records in a file, or goes on with it there (`reason`): after a start, a rotation, or because the file was cut. Signed.',
    details: {
      reason: 'text',
      prev: 'text',
      publicKey: 'text',
      process: 'number',
      headRecords: 'number?',
      after: 'any?',
      torn: 'any?',
    },
  },
  head: {
    name: 'sys_log_head',
    level: 'info',
    meaning: 'The signed head of a chain: nothing before it can be changed without that being seen.',
    details: { prev: 'text' },
  },
  closed: {
    name: 'sys_log_closed',
    level: 'info',
    meaning: 'A process ended its chain. A chain without this line is still written, was killed, or was cut.',
    details: { prev: 'text' },
  },
  lost: {
    name: 'sys_log_lost',
    level: 'critical',
    meaning:
      'The file of the log could not be written (`error`), and it can again. `lost` events found no room meanwhile, and are nowhere.',
    details: { lost: 'number', goneMs: 'number', error: 'text' },
  },
  forgotten: {
    name: 'sys_log_forgotten',
    level: 'warn',
    meaning:
      'The keys of `persons` were destroyed (`bulwark audit forget`): what the log has of them cannot be read any more, and is unchanged. After a backup of the keys was restored, `--again` destroys these once more.',
    details: { persons: 'texts' },
  },
  receiverGone: {
    name: 'sys_log_receiver_gone',
    level: 'warn',
    meaning:
      'A receiver of the log does not take it: records wait on disk, and are sent again. Told once for an outage; a receiver that stays gone fills its spool, and then the oldest are lost.',
    details: { receiver: 'text', error: 'text' },
  },
  receiverBack: {
    name: 'sys_log_receiver_back',
    level: 'warn',
    meaning: 'A receiver of the log takes it again. `lost` records had found no room meanwhile.',
    details: { receiver: 'text', goneMs: 'number', lost: 'number' },
  },
  receiverRefused: {
    name: 'sys_log_receiver_refused',
    level: 'critical',
    meaning:
      'A receiver of the log has looked at a record and will never take it; `refused` so far. Its schema, its limit of size, or a wrong address: what was refused is not sent again.',
    details: { receiver: 'text', refused: 'number' },
    bounded: true,
  },
} as const;
