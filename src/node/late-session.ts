/** A session that would have to begin once the head of an answer has left: no browser ever holds its cookie. */
import type { IncomingMessage } from 'node:http';
import { SESSIONS_EVENTS } from '../controls/sessions/sessions.events.ts';
import { BulwarkError } from '../core/errors.ts';
import type { ToldOnce } from '../core/told-once.ts';
import { View, viewOf } from '../layer/view.ts';

const REASON =
  'req.session was changed after the head of the answer had left: the cookie of a new session belongs in it, and nothing was stored';

/**
 * Whether the rest of an answer goes out where `error` kept a session from being stored. A stream to a visitor is whole without,
 * as by express-session, and cut it would look like an attack or a failure. The log has it once for each route: any visitor
 * brings it about.
 */
export function goesOnWithout(request: IncomingMessage, error: unknown, told: ToldOnce): boolean {
  if (!(error instanceof BulwarkError && error.code === 'ERR_BULWARK_HEAD_SENT')) return false;
  const view = viewOf(request, 'mount the layer first');
  const exchange = View.exchangeOf(view);
  if (told.isNew(exchange.rules, error.code))
    View.layerOf(view).sessions.audit(SESSIONS_EVENTS.unheard, { error, reason: REASON }, exchange);
  return true;
}
