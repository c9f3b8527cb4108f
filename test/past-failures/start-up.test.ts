/** What is wrong with a policy is said when the application starts, not to its first visitor. */
import assert from 'node:assert/strict';
import { PolicyError } from '../../src/core/errors.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { pastFailure, type Subject } from './holds.ts';

interface Reader extends Subject {
  readonly read: (options: object) => unknown;
}

const GOOD: PolicyOptions = {
  environment: 'production',
  origin: 'https://example.com',
  secrets: fixedSecrets(TEST_SECRET),
  state: memory(),
};

const ours = (): Reader => ({ read: (options) => readPolicy({ ...GOOD, ...options }) });
/** Settings laid over defaults: what is misspelt lies beside them, and nobody asks. */
const merging = (): Reader => ({ read: (options) => ({ session: { idle: 1800 }, ...options }) });

/** The message of the refusal, or none. */
function refusalOf(reader: Reader, options: object): string | undefined {
  try {
    reader.read(options);
    return undefined;
  } catch (error) {
    return error instanceof PolicyError ? error.message : undefined;
  }
}

pastFailure<Reader>(1, 'a lifetime of 0 is refused at start-up', {
  on: { 'the policy reader': ours },
  off: { 'settings merged over defaults': merging },
  check: (reader) => {
    for (const life of [0, '0s', '0m']) {
      assert.match(refusalOf(reader, { session: { idle: life } }) ?? 'taken', /session\.idle/);
    }
  },
  seen: /taken/,
});

pastFailure<Reader>(4, 'a misspelt setting is refused, and the right one named', {
  on: { 'the policy reader': ours },
  off: { 'settings merged over defaults': merging },
  check: (reader) => {
    assert.match(refusalOf(reader, { sesion: {} }) ?? 'taken', /did you mean session\?/);
    assert.match(refusalOf(reader, { session: { idel: '5m' } }) ?? 'taken', /did you mean session\.idle\?/);
  },
  seen: /taken/,
});
