/** A sentence for the next page, such as `Note saved.`, kept in the session: visitors have none and get none. */
import type { View } from 'bulwark/express';

type Session = View['session'];

const KEY = 'flash';

/** Leaves a sentence for the next page. */
export async function leaveFlash(session: Session, text: string): Promise<void> {
  await session.set(KEY, text);
}

/** The sentence that was left, once. */
export async function takeFlash(session: Session): Promise<string | undefined> {
  const text = session.get(KEY);
  if (typeof text !== 'string') return undefined;
  await session.delete(KEY);
  return text;
}
