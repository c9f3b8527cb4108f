import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Audit, eventOf } from '../core/events.ts';
import type { Refusal } from '../core/verdict.ts';
import { CSRF_EVENTS } from '../controls/csrf/csrf.events.ts';
import { NODE_EVENTS } from '../node/node.events.ts';
import { Redactor } from '../audit/redact.ts';
import { ALL_CONTROLS, allEvents } from './controls.ts';

const kinds = allEvents().map(([, kind]) => kind);

test('an event has a name as the vocabulary writes them, a level, and a meaning in a sentence', () => {
  assert.ok(kinds.length > 60);
  for (const { name, level, meaning, details } of kinds) {
    assert.match(name, /^[a-z]+(?:_[a-z]+){1,5}$/);
    assert.match(level, /^(?:info|warn|critical)$/);
    assert.match(meaning, /^[A-Z].{10,}[.]$/, name);
    for (const type of Object.values(details))
      assert.match(type, /^(?:text|number|flag|texts|any|person|personal|anyone)\??$/);
  }
});

test('events of one name are equally loud, whichever room writes them', () => {
  const levels = Map.groupBy(kinds, ({ name }) => name);
  for (const [name, all] of levels) assert.equal(new Set(all.map(({ level }) => level)).size, 1, name);
});

test('a type of problem has one owner', () => {
  const types = ALL_CONTROLS.flatMap(([, { problems = {} }]) => Object.values(problems));
  assert.equal(new Set(types.map(({ type }) => type)).size, types.length);
  assert.equal(new Set(types.map(({ title }) => title)).size, types.length);
  for (const { type, status } of types) {
    assert.match(type, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(status >= 300 && status < 600, type);
  }
});

test('no two sub-keys are for one purpose: a tag of one room is never good in another', () => {
  const purposes = ALL_CONTROLS.flatMap(([, { keys = {} }]) => Object.values(keys));
  const names = purposes.map((purpose) => ('signs' in purpose ? purpose.signs : purpose.seals));
  assert.equal(new Set(names).size, names.length);
});

test('an event whose details are missing, surplus or of another type does not compile', () => {
  const audit: Audit = () => undefined;
  audit(CSRF_EVENTS.forged, { reason: 'x', origin: undefined });
  // @ts-expect-error the reason is missing
  audit(CSRF_EVENTS.forged, { origin: 'x' });
  // @ts-expect-error the reason is a text
  audit(CSRF_EVENTS.forged, { reason: 7 });
  // @ts-expect-error there is no such detail
  audit(CSRF_EVENTS.forged, { reason: 'x', orign: 'x' });
  // @ts-expect-error this one has none
  audit(NODE_EVENTS.stopped, { reason: 'x' });
  // @ts-expect-error no details at all
  audit(CSRF_EVENTS.forged);
  // @ts-expect-error a name is no kind
  audit('malicious_cors', { reason: 'x' });
  // @ts-expect-error of a refusal too
  eventOf(CSRF_EVENTS.forged, {});
  const refusal = { type: 'x', title: 'X', status: 403, detail: 'No.' };
  // @ts-expect-error an event is made by eventOf alone, which looks at its details
  const forged: Refusal = { ...refusal, event: { kind: CSRF_EVENTS.forged, details: {} } };
  assert.ok(forged);
});

test('no event has a detail that the log would hide for its name', () => {
  const redactor = new Redactor([]);
  const hidden = allEvents().flatMap(([, { name, details }]) =>
    Object.keys(details)
      .filter((detail) => redactor.hides(detail))
      .map((detail) => `${name}.${detail}`),
  );
  assert.deepEqual(hidden, []);
});
