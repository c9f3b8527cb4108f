/** Puts the guards of an application among ours, looks at what they answer, and writes what they tell. */
import type { AuditLog } from '../audit/audit.ts';
import type { SecurityEvent } from '../core/events.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { Verdict } from '../core/verdict.ts';
import type { KnownEvents } from '../policy/own-events.ts';
import type { OwnVerdict, PlacedGuard, ReadGuard } from '../policy/own-guards.ts';
import { atOnce, checkedVerdict, isEvent, isThenable, knownEvent } from './checked-verdict.ts';

/**
 * The order with the application's guards in it. Beside a guard of two places `after` is behind the last of them and
 * `before` ahead of the first. Two of one place stand as the policy lists them.
 */
export function placeGuards(
  ours: readonly Guard[],
  own: readonly PlacedGuard[],
  known: KnownEvents,
  log: AuditLog,
): readonly Guard[] {
  const order = [...ours];
  /** How many stand behind a neighbour already. */
  const behind = new Map<string, number>();
  for (const { side, neighbour, guard } of own) {
    const name = ({ name: one }: Guard): boolean => one === neighbour;
    const checked = checkedGuard(guard, known, log);
    if (side === 'before') order.splice(order.findIndex(name), 0, checked);
    else {
      const so = behind.get(neighbour) ?? 0;
      behind.set(neighbour, so + 1);
      order.splice(order.findLastIndex(name) + 1 + so, 0, checked);
    }
  }
  return order;
}

/** Types are not there at run time, and a guard that answers `false` means anything but "let pass". */
function checkedGuard(guard: ReadGuard, known: KnownEvents, log: AuditLog): Guard {
  const { name, mode, onRequest, onForward, onAnswer, onResponse, onObserve } = guard;
  /** Strangers cause it at will, as they do refusals, and it is held back in a flood as those are. */
  const tell = (exchange: Exchange, event: SecurityEvent): void => {
    const { kind, details } = knownEvent(event, known);
    const all = { guard: name, ...details };
    log.writeGated(kind, mode === 'observe' ? { ...all, observed: true } : all, exchange);
  };
  const settle = (exchange: Exchange, verdict: OwnVerdict): Verdict => {
    if (!isEvent(verdict)) return checkedVerdict(name, verdict, known);
    tell(exchange, verdict);
    return undefined;
  };
  const tellIfEvent = (exchange: Exchange, told: unknown): void => {
    if (isEvent(told)) tell(exchange, told);
  };
  return {
    name,
    mode,
    ...(onObserve !== undefined && { onObserve }),
    ...(onRequest !== undefined && {
      onRequest: (exchange) => {
        const verdict = onRequest(exchange);
        return isThenable(verdict)
          ? Promise.resolve(verdict).then((later) => settle(exchange, later))
          : settle(exchange, verdict);
      },
    }),
    ...(onAnswer !== undefined && {
      onAnswer: (exchange, head) => settle(exchange, atOnce(name, 'onAnswer', onAnswer(exchange, head))),
    }),
    ...(onForward !== undefined && {
      onForward: (exchange, head) =>
        tellIfEvent(exchange, atOnce(name, 'onForward', onForward(exchange, head))),
    }),
    ...(onResponse !== undefined && {
      onResponse: (exchange, head) =>
        tellIfEvent(exchange, atOnce(name, 'onResponse', onResponse(exchange, head))),
    }),
  };
}
