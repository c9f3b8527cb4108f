import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PolicyError } from './errors.ts';
import { nearest } from './nearest.ts';
import { defaultsOf, type OptionTable, readOptions, Unfit } from './options.ts';
import { Problems } from './problems.ts';
import { boolean, duration } from './readers.ts';

interface Sample {
  readonly idle: number;
  readonly open: boolean;
}

const why = { reason: 'a reason', source: 'a source' };
const table: OptionTable<Sample> = {
  idle: { default: 1000, read: duration(1000, 60_000), example: "idle: '30s'", ...why },
  open: {
    default: false,
    read: (value, path, problems) => {
      if (boolean(value, path, problems)) throw new Unfit('false: open doors let everyone in', true);
      return false;
    },
    example: 'open: false',
    ...why,
  },
};

function read(input: unknown): { settings: Sample; problems: Problems } {
  const problems = new Problems('production');
  return { settings: readOptions('sample', table, input, problems), problems };
}

test('nothing said is the defaults', () => {
  assert.deepEqual(read(undefined).settings, { idle: 1000, open: false });
  assert.deepEqual(read({}).settings, defaultsOf(table));
  assert.deepEqual(read({ idle: undefined }).problems.errors, []);
});

test('collects every problem, each with code, option, reason and fix (past failure 4)', () => {
  const { problems } = read({ idel: '30s', idle: 0, open: true });
  assert.deepEqual(
    problems.errors.map(({ code, option }) => [code, option]),
    [
      ['ERR_BULWARK_UNKNOWN_OPTION', 'sample.idel'],
      ['ERR_BULWARK_INVALID_OPTION', 'sample.idle'],
      ['ERR_BULWARK_UNSAFE_OPTION', 'sample.open'],
    ],
  );
  assert.equal(problems.errors[0]?.fix, 'did you mean sample.idle?');
  assert.equal(problems.errors[1]?.fix, "idle: '30s'");
  for (const { reason, fix } of problems.errors) assert.ok(reason.length > 0 && fix.length > 0);
});

test('throws all of them at once', () => {
  const { problems } = read({ idle: 0, other: 1 });
  assert.throws(
    () => problems.throwIfAny(),
    (error: unknown) =>
      error instanceof PolicyError && error.problems.length === 2 && error.message.includes('2 problems'),
  );
});

test('takes no list, class or null for a section', () => {
  for (const input of [[], null, 'x', 1, new Date(), new Map()])
    assert.equal(read(input).problems.errors.length, 1);
});

test('a key of Object.prototype is no option', () => {
  assert.equal(read({ constructor: 1 }).problems.errors[0]?.code, 'ERR_BULWARK_UNKNOWN_OPTION');
  assert.equal(read(JSON.parse('{"__proto__": 1}')).problems.errors[0]?.code, 'ERR_BULWARK_UNKNOWN_OPTION');
});

test('what production refuses, development only says', () => {
  const problems = new Problems('development');
  problems.refuseInProduction('ERR_BULWARK_ORIGIN_INSECURE', 'origin', 'r', 'f');
  assert.equal(problems.errors.length, 0);
  assert.equal(problems.warnings.length, 1);
});

test('finds the name that was meant, and none where none is near', () => {
  const names = ['session', 'csrf', 'cookies', 'referrerPolicy'];
  assert.equal(nearest('sesion', names), 'session');
  assert.equal(nearest('cookie', names), 'cookies');
  assert.equal(nearest('referer_policy', names), 'referrerPolicy');
  assert.equal(nearest('xyz', names), undefined);
  assert.equal(nearest('', names), undefined);
});
