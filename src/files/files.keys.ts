/** The sub-keys of files. */
export const FILES_KEYS = {
  file: { seals: 'file-key' },
  link: { signs: 'file-link' },
} as const;
