/** Puts the guards of an application among ours, looks at what they answer, and writes what they tell. */
import type { AuditLog } from '../audit/audit.ts';
import { eventOf, type SecurityEvent } from '../core/events.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { Refusal, Verdict } from '../core/verdict.ts';
import type { KnownEvents } from '../policy/own-events.ts';
import type { OwnVerdict, PlacedGuard, ReadGuard } from '../policy/own-guards.ts';
import { LAYER_EVENTS } from './layer.events.ts';

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
    const { kind, details } = known.has(event.kind.name) ? event : undeclared(event);
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
        return verdict instanceof Promise
          ? verdict.then((later) => settle(exchange, later))
          : settle(exchange, verdict);
      },
    }),
    ...(onAnswer !== undefined && {
      onAnswer: (exchange, head) => settle(exchange, onAnswer(exchange, head)),
    }),
    ...(onForward !== undefined && {
      onForward: (exchange, head) => tellIfEvent(exchange, onForward(exchange, head)),
    }),
    ...(onResponse !== undefined && {
      onResponse: (exchange, head) => tellIfEvent(exchange, onResponse(exchange, head)),
    }),
  };
}

function checkedVerdict(name: string, verdict: Verdict, known: KnownEvents): Verdict {
  if (verdict === undefined) return undefined;
  if (!isRefusal(verdict)) {
    throw new TypeError(
      `the guard ${name} answered with what is neither a refusal nor an event: return undefined, { status, type, title, detail } or eventOf(...)`,
    );
  }
  const { event } = verdict;
  return event === undefined || known.has(event.kind.name)
    ? verdict
    : { ...verdict, event: undeclared(event) };
}

/** As {@link eventOf} makes it: a kind with a name, and details. */
function isEvent(value: unknown): value is SecurityEvent {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('details' in value))
    return false;
  const { kind } = value;
  return typeof kind === 'object' && kind !== null && 'name' in kind && typeof kind.name === 'string';
}

function isRefusal(value: unknown): value is Refusal {
  if (typeof value !== 'object' || value === null) return false;
  const { status, type, title, detail } = value as Partial<Record<keyof Refusal, unknown>>;
  const isText = [type, title, detail].every((text) => typeof text === 'string' && text !== '');
  return isText && typeof status === 'number' && Number.isInteger(status) && status >= 300 && status < 600;
}

/** Told, and not lost: the refusal itself stands. */
function undeclared({ kind, details }: SecurityEvent): SecurityEvent {
  return eventOf(LAYER_EVENTS.undeclared, { ...details, undeclared: kind.name });
}
