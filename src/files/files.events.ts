/** What the room of files tells the audit log, and what it answers with. */

export const FILES_EVENTS = {
  stored: {
    name: 'upload_stored',
    level: 'info',
    meaning: 'A file is there, whole and synced. `state` is `quarantine` where it waits to be looked at.',
    details: { file: 'text', owner: 'person', size: 'number', state: 'text' },
  },
  refused: {
    name: 'upload_validation',
    level: 'warn',
    meaning: 'A file was refused, and the others of its form were taken: `fault` says why.',
    details: { fault: 'text', owner: 'person' },
  },
  harmful: {
    name: 'malicious_file',
    level: 'critical',
    meaning:
      'What looks at files refused one: `fault` says why, `found` what a scanner calls it. Its bytes are gone, and its owner sees why.',
    details: { file: 'text', owner: 'person', fault: 'text', found: 'text?' },
  },
  unscanned: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning: 'What looks at files gave no answer. They wait in quarantine, and are looked at again.',
    details: { error: 'any', service: 'text' },
    bounded: true,
  },
  damaged: {
    name: 'crypt_decrypt_fail',
    level: 'critical',
    meaning:
      'The bytes of a file are not those that were stored: changed, cut, or sealed by a key that is not here.',
    details: { file: 'text' },
  },
  deleted: {
    name: 'upload_delete',
    level: 'info',
    meaning: 'A file was removed by its owner, and its shares ended.',
    details: { file: 'text', owner: 'person' },
  },
  ended: {
    name: 'upload_delete',
    level: 'info',
    meaning:
      'An upload in parts was called off by its owner before it was whole, or came to its end. Nothing of it is left.',
    details: { file: 'text', owner: 'person' },
  },
  malformed: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'A request of a resumable upload was refused that no client sends: `fault` names the header.',
    details: { fault: 'text' },
  },
  shared: {
    name: 'authz_change',
    level: 'warn',
    meaning: 'A file was shared with an account, or by a link.',
    details: { file: 'text', share: 'text', by: 'person', with: 'person?' },
  },
  unshared: {
    name: 'authz_change',
    level: 'warn',
    meaning: 'A share of a file was taken back.',
    details: { file: 'text', share: 'text', by: 'person' },
  },
  denied: {
    name: 'authz_fail',
    level: 'warn',
    meaning:
      'A file was asked for that is not there, or not for whoever asks: both are answered alike. Many of them are somebody who guesses.',
    details: { file: 'text' },
  },
} as const;

export const FILES_PROBLEMS = {
  fileWaits: { type: 'file-waits', title: 'This file is still being looked at', status: 409 },
} as const;
