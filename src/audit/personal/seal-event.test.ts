import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { kindOf } from '../../../test/support/events.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import type { EventKind } from '../../core/events.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { allEvents } from '../../policy/controls.ts';
import { AuditLog } from '../audit.ts';
import type { AuditEvent } from '../audit-event.ts';
import { auditOptions } from '../audit.options.ts';
import { openEvent } from './open-event.ts';
import { PersonKeys } from './person-keys.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-sealed-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
let count = 0;

/** A log with keys of its own, whose lines are kept. */
function sealedLog(): { log: AuditLog; lines: string[]; persons: PersonKeys } {
  const persons = new PersonKeys(join(FOLDER, `${(count += 1)}.db`), new KeyRing([Buffer.alloc(32, 7)]));
  const lines: string[] = [];
  const settings = { ...defaultsOf(auditOptions), sink: (line: string): void => void lines.push(line) };
  return { log: new AuditLog(settings, Date.now, process, { persons }), lines, persons };
}

function parse(line: string | undefined): AuditEvent {
  return JSON.parse(line ?? '') as AuditEvent;
}

test('what any event declares to be of a person stands in no line, and is there again by the keys', () => {
  const { log, lines, persons } = sealedLog();
  const seen = new Set<string>();
  for (const [, kind] of allEvents()) {
    const own = Object.entries(kind.details).map(([name, type]) => [name, type.replace('?', '')] as const);
    const told = own.filter(([, type]) => ['person', 'personal', 'anyone'].includes(type));
    if (told.length === 0) continue;
    const details = Object.fromEntries(told.map(([name]) => [name, `secret-${name}@example.com`]));
    log.write<EventKind>(kind, { account: 'secret-own', ...details }, sketchExchange({ peer: '192.0.2.9' }));
    const line = lines.at(-1) ?? '';
    assert.doesNotMatch(line, /secret-/, kind.name);
    const event = openEvent(parse(line), persons);
    for (const [name, type] of told) {
      const found = name === 'account' ? event.account : event.details?.[name];
      assert.equal(found, type === 'anyone' ? '[left out]' : `secret-${name}@example.com`, kind.name);
      seen.add(`${kind.name}.${name}.${type}`);
    }
  }
  for (const one of [
    'authz_admin.operator.person',
    'authz_admin.askedBy.person',
    'upload_stored.owner.person',
    'authz_change.by.person',
    'authz_change.with.person',
    'session_moved.from.personal',
    'session_moved.to.personal',
    'sensitive_read.typed.anyone',
    'alert_raised.about.person',
    'alert_silenced.about.person',
  ])
    assert.ok(seen.has(one), one);
  const names = new Set(['account', 'operator', 'askedBy', 'owner']);
  for (const [, { name, details }] of allEvents())
    for (const [field, type] of Object.entries(details))
      if (names.has(field)) assert.match(type, /^person/, `${name}.${field}`);
  persons.close();
});

test('whom an event names beside its subject is forgotten by themselves', () => {
  const { log, lines, persons } = sealedLog();
  const kind = {
    ...kindOf('authz_admin'),
    details: { operator: 'person', askedBy: 'person?', said: 'text' },
  } as const;
  log.write<EventKind>(kind, {
    account: 'bob',
    operator: 'Ann@example.com',
    askedBy: 'ann@example.com',
    said: 'x',
  });
  const event = parse(lines[0]);
  assert.deepEqual(openEvent(event, persons).details, {
    operator: 'Ann@example.com',
    askedBy: 'ann@example.com',
    said: 'x',
  });
  persons.forget(persons.refsOf('ann@example.com'));
  const { account, details } = openEvent(event, persons);
  assert.deepEqual(
    [account, details],
    ['bob', { operator: '(forgotten)', askedBy: '(forgotten)', said: 'x' }],
  );
  persons.close();
});

test('what strangers write is never taken for somebody who was forgotten', () => {
  const { log, lines, persons } = sealedLog();
  const written = { host: 'person.example.com', other: `person.${'0'.repeat(16)}`, note: '*sealed*' };
  log.write(kindOf('authn_login_fail'), { account: 'ann', ...written });
  const host = (): unknown => openEvent(parse(lines[0]), persons).details;
  const shown = { ...written, note: "'*sealed*'" };
  assert.deepEqual(host(), shown);
  persons.forget(persons.refsOf('ann'));
  assert.deepEqual(host(), shown);
  assert.equal(openEvent(parse(lines[0]), persons).account, '(forgotten)');
  persons.close();
});
