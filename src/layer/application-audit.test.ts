import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from '../../test/support/events.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { AuditLog } from '../audit/audit.ts';
import { auditOptions } from '../audit/audit.options.ts';
import { defaultsOf } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { type KnownEvents, readEvents } from '../policy/own-events.ts';
import { auditOf } from './application-audit.ts';

const SHARED = {
  name: 'document_shared',
  level: 'info',
  meaning: 'A document was given to another account.',
  details: { document: 'text', to: 'text' },
} as const;

function knownEvents(declared: readonly object[]): KnownEvents {
  return readEvents(declared, [], new Problems('production'));
}

function make(): { readonly log: AuditLog; readonly events: AuditEvent[] } {
  const events: AuditEvent[] = [];
  const settings = {
    ...defaultsOf(auditOptions),
    sink: (_line: string, event: AuditEvent) => void events.push(event),
  };
  return { log: new AuditLog(settings), events };
}

test('an application writes events by name, and those it declared with their details', () => {
  const { log, events } = make();
  const audit = auditOf(log, knownEvents([SHARED]), undefined);
  audit('sensitive_delete', { note: 'n1' });
  audit('sensitive_delete');
  audit(SHARED, { document: 'd1', to: 'ann' });
  // @ts-expect-error the document is missing
  audit(SHARED, { to: 'ann' });
  // @ts-expect-error there is no such name
  audit('sensitive_delet', {});
  assert.deepEqual(
    events.map(({ event, level }) => `${event} ${level}`),
    [
      'sensitive_delete warn',
      'sensitive_delete warn',
      'document_shared info',
      'document_shared info',
      'sys_misconfigured critical',
    ],
  );
});

test('an event that nobody declared is told as that, with what it said, and kills nobody', () => {
  const { log, events } = make();
  const audit = auditOf(log, knownEvents([]), undefined);
  audit('sensitve_delete' as 'sensitive_delete', { note: 'n1', password: 'hunter2' });
  audit(SHARED, { document: 'd1', to: 'ann' });
  const [misspelt, undeclared] = events;
  assert.deepEqual(misspelt?.details, {
    note: 'n1',
    password: '[redacted]',
    undeclared: 'sensitve_delete',
    guess: 'sensitive_delete',
  });
  assert.equal(undeclared?.event, 'sys_misconfigured');
  assert.equal(undeclared.details?.['undeclared'], 'document_shared');
  assert.deepEqual([...log.counts], [['sys_misconfigured', 2]]);
});

test('of a crash that the application tells, the developer sees the error', () => {
  const exchange = sketchExchange();
  const error = new Error('broken');
  auditOf(make().log, knownEvents([]), exchange)('sys_crash', { error });
  assert.equal(exchange.failure, error);
  auditOf(
    make().log,
    knownEvents([]),
    exchange,
  )(kindOf('sys_crash', 'critical', { stack: true }), {
    error: new Error('later'),
  });
  assert.equal(exchange.failure, error);
});

test('whatever an application hands over, an event is written, at once, and its handler goes on', () => {
  const { log, events } = make();
  const audit = auditOf(log, knownEvents([SHARED]), undefined) as (event: unknown, details?: unknown) => void;
  const unreadable = {
    get document(): never {
      throw new Error('cannot be read');
    },
  };
  const unfit: readonly (readonly [event: unknown, details?: unknown])[] = [
    [null],
    [undefined],
    [5],
    [{}],
    [Symbol('event')],
    ['document_shared', unreadable],
    ['document_shard', unreadable],
    [SHARED, new Proxy({}, { ownKeys: () => assert.fail('cannot be listed') })],
    ['__proto__', null],
    // Its distance to every name that there is would take minutes.
    ['document_'.repeat(100_000), { document: 'd1' }],
  ];
  for (const [event, details] of unfit) audit(event, details);
  assert.equal(events.length, unfit.length);
  assert.deepEqual(
    events.map(({ event }) => event),
    unfit.map(([event]) =>
      event === SHARED || event === 'document_shared' ? 'document_shared' : 'sys_misconfigured',
    ),
  );
});
