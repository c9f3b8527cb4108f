/** A session that ends at once, for an empty one: what an application has that says `regenerate`. Not for handlers. */
import { readValues, writeValues } from './session-data.ts';
import type { SessionHandle } from './session-handle.ts';
import type { SessionState } from './session-state.ts';

/**
 * Ends the session of an account. The browser keeps what scripts have: who signs in again at once, as many programs have it, would
 * lose it each time.
 *
 * @throws BulwarkError ERR_BULWARK_SESSION_OVER where it goes on under an id that is not ours to end
 */
export async function endQuietly(state: SessionState): Promise<void> {
  const { sessions, exchange } = state;
  await state.inTurn(async () => {
    state.assertHeadOpen();
    const record = state.read();
    if (record === undefined) return;
    const isEnded = await sessions.signOut(exchange, record);
    if (!isEnded && (await sessions.wasReplaced(record.idHash, state.now()))) await state.lost();
    state.drop();
  });
}

/**
 * Puts a visitor's session under a new id, without its values but those of kept names. Nobody knows that id yet: nothing is
 * written there meanwhile, and who comes by the old one is known to be behind, and drops no cookie.
 */
export async function beginEmpty(
  session: SessionHandle,
  state: SessionState,
  isKept: (name: string) => boolean,
): Promise<void> {
  await session.beginAnew();
  try {
    await state.inTurn(() => empty(state, isKept));
  } catch (error) {
    // The answer to this error is to bring no id that opens what was there.
    if (state.bringsId) state.drop();
    throw error;
  }
}

async function empty(state: SessionState, isKept: (name: string) => boolean): Promise<void> {
  const record = state.current();
  if (record === undefined) return;
  const kept = [...readValues(record.data)].filter(([name]) => isKept(name));
  const data = writeValues(new Map(kept));
  if (data === record.data) return;
  const { store } = state.sessions;
  if (!(await store.update(record.idHash, record.version, { data }, state.now()))) await state.lost();
  state.adopt({ ...record, data, version: record.version + 1 });
}
