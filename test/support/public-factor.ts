/** A second factor that is none: what calls that add one take. */
export const FACTOR: {
  add: () => Promise<{ ok: false }>;
  what: () => string;
  undo: () => Promise<void>;
} = {
  add: () => Promise.resolve({ ok: false }),
  what: () => 'passkey',
  undo: () => Promise.resolve(),
};
