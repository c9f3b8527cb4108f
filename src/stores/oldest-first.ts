import type { SessionRecord } from './ports/sessions.ts';

/** The id hashes of sessions in the order in which a cap ends them: the same one in every process and every store. */
export function oldestFirst(sessions: readonly SessionRecord[]): readonly string[] {
  return sessions
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.idHash < b.idHash ? -1 : 1))
    .map(({ idHash }) => idHash);
}
