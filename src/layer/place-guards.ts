/** Puts the guards of an application among ours, and looks at what they answer. */
import { eventOf, type SecurityEvent } from '../core/events.ts';
import type { Guard } from '../core/guard.ts';
import type { Refusal, Verdict } from '../core/verdict.ts';
import type { KnownEvents } from '../policy/own-events.ts';
import type { PlacedGuard } from '../policy/own-guards.ts';
import { LAYER_EVENTS } from './layer.events.ts';

/**
 * The order with the application's guards in it. Beside a guard of two places `after` is behind the last of them and
 * `before` ahead of the first. Two of one place stand as the policy lists them.
 */
export function placeGuards(
  ours: readonly Guard[],
  own: readonly PlacedGuard[],
  known: KnownEvents,
): readonly Guard[] {
  const order = [...ours];
  /** How many stand behind a neighbour already. */
  const behind = new Map<string, number>();
  for (const { side, neighbour, guard } of own) {
    const name = ({ name: one }: Guard): boolean => one === neighbour;
    const checked = checkedGuard(guard, known);
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
function checkedGuard(guard: Guard, known: KnownEvents): Guard {
  const { onRequest, onAnswer } = guard;
  return {
    ...guard,
    ...(onRequest !== undefined && {
      onRequest: (exchange) => {
        const verdict = onRequest(exchange);
        return verdict instanceof Promise
          ? verdict.then((later) => checkedVerdict(guard, later, known))
          : checkedVerdict(guard, verdict, known);
      },
    }),
    ...(onAnswer !== undefined && {
      onAnswer: (exchange, head) => checkedVerdict(guard, onAnswer(exchange, head), known),
    }),
  };
}

function checkedVerdict({ name }: Guard, verdict: Verdict, known: KnownEvents): Verdict {
  if (verdict === undefined) return undefined;
  if (!isRefusal(verdict)) {
    throw new TypeError(
      `the guard ${name} answered with what is no refusal: return undefined, or { status, type, title, detail }`,
    );
  }
  const { event } = verdict;
  return event === undefined || known.has(event.kind.name)
    ? verdict
    : { ...verdict, event: undeclared(event) };
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
