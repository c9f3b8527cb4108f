/**
 * What takes this long hangs, on any machine, however loaded: milliseconds. A bound for texts that are made to send a
 * pattern backtracking, where the bad case takes minutes and the good one none.
 */
export const HANG_MS = 30_000;
