import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memory } from '../../stores/memory/state.ts';
import { GuessAlarm } from './guess-alarm.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const QUIET = { isFirst: true, manyClients: false, manyNames: false };

test('many clients at one name are told once an hour, and so are many names of one client', async () => {
  const alarm = new GuessAlarm(memory().counters);
  for (let client = 0; client < 10; client += 1)
    assert.deepEqual(await alarm.wrong('ann', `client${client}`, NOW), QUIET);
  assert.deepEqual(await alarm.wrong('ann', 'client10', NOW), { ...QUIET, manyClients: true });
  assert.deepEqual(await alarm.wrong('ann', 'client11', NOW), QUIET);
  for (let name = 0; name < 20; name += 1)
    assert.deepEqual(await alarm.wrong(`name${name}`, 'one', NOW), QUIET);
  assert.deepEqual(await alarm.wrong('name20', 'one', NOW), { ...QUIET, manyNames: true });
});

test('who mistypes again and again is one pair, and two that count in one store do not meet', async () => {
  const { counters } = memory();
  const [one, other] = [new GuessAlarm(counters), new GuessAlarm(counters, 'other/')];
  for (let tries = 0; tries < 100; tries += 1)
    assert.deepEqual(await one.wrong('ann', 'client', NOW), { ...QUIET, isFirst: tries === 0 });
  for (let client = 0; client < 10; client += 1) {
    await one.wrong('bob', `client${client}`, NOW);
    assert.deepEqual(await other.wrong('bob', `client${client}`, NOW), QUIET);
  }
});
