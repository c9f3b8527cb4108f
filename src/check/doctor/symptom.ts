/** What a look at a deployment says. */

/** One thing that was looked at. */
export interface Symptom {
  /** Of the thing: `node`, `origin`, `proxy`, ... It does not change with the wording. */
  readonly id: string;
  /** `unseen` is neither: it could not be looked at, and why is said. */
  readonly level: 'good' | 'warning' | 'error' | 'unseen';
  readonly says: string;
  /** What to do. */
  readonly fix?: string;
}

/** All is well with it. */
export function good(id: string, says: string): Symptom {
  return { id, level: 'good', says };
}

/** It works, and less than it could. */
export function warning(id: string, says: string, fix: string): Symptom {
  return { id, level: 'warning', says, fix };
}

/** Visitors or their accounts suffer of it. */
export function error(id: string, says: string, fix: string): Symptom {
  return { id, level: 'error', says, fix };
}

/** It was not looked at. */
export function unseen(id: string, says: string): Symptom {
  return { id, level: 'unseen', says };
}
