import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PolicyTextError, readPolicyText, WrittenCall } from '../../site/client/policy-text.ts';

const ROOT = join(import.meta.dirname, '../..');

function options(text: string): unknown {
  return readPolicyText(text).options;
}

/** Where and why a text is refused. */
function refused(text: string): string {
  try {
    readPolicyText(text);
  } catch (error) {
    if (error instanceof PolicyTextError) return `${error.line}:${error.column} ${error.message}`;
    throw error;
  }
  return 'not refused';
}

test('reads values as JavaScript writes them', () => {
  const text = `{ a: 'x\\'\\u0041\\n', "b-c": [1, -2.5, 1_000, 1e3,], d: true, e: null, f: undefined, 'g': \`h
i\`, /* j */ k: {}, // l
}`;
  assert.deepEqual(options(text), {
    a: "x'A\n",
    'b-c': [1, -2.5, 1000, 1000],
    d: true,
    e: null,
    f: undefined,
    g: 'h\ni',
    k: {},
  });
});

test('finds the policy in a file: behind imports, in a call, before the application', () => {
  const policy = { origin: 'https://example.com' };
  for (const text of [
    "{ origin: 'https://example.com' };",
    "import { env } from 'bulwark';\nimport x from \"y\"\nexport default definePolicy({ origin: 'https://example.com' });",
    "const layer = bulwark({ origin: 'https://example.com' });\nconst app = express(); app.use(layer);",
    "export default { origin: 'https://example.com' }",
    "await loadPolicy({ origin: 'https://example.com' });",
    "import { loadPolicy } from 'bulwark';\nconst policy = await loadPolicy({ origin: 'https://example.com' });\nconst app = express();",
  ]) {
    assert.deepEqual(options(text), policy, text);
  }
});

test('tells where an option stands, by the name that messages have for it', () => {
  const text = "{ session: { idle: '1h' }, routes: { 'POST /login': { limit: '5/minute' } } }";
  const { places } = readPolicyText(text);
  assert.equal(text.slice(places.get('session.idle')).slice(0, 4), 'idle');
  assert.equal(text.slice(places.get("routes['POST /login'].limit")).slice(0, 5), 'limit');
});

test('takes no prototype from a text', () => {
  const read = options('{ "__proto__": { polluted: true } }') as Record<string, unknown>;
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
  assert.deepEqual(Object.keys(read), ['__proto__']);
  assert.equal(read['polluted'], undefined);
});

test('runs nothing: a call is a call, a name is refused', () => {
  assert.deepEqual(options("{ secrets: files('/run', { a: 1 }) }"), { secrets: new WrittenCall('files') });
  assert.equal(refused('{ a: process }'), '1:6 only values are read here, and process is a name');
  assert.equal(refused('{ a: `${b}` }'), '1:7 only plain texts are read here');
  assert.equal(refused('{ [a]: 1 }'), '1:3 the name of an option is expected here');
});

test('of a function it says that it is not run, and which option to leave out', () => {
  for (const text of ['() => 1', '(one) => one.id', 'one => one', 'async () => {}', 'function (one) {}'])
    assert.equal(refused(`{ a: { on: ${text} } }`), '1:12 a function is not run here: leave a.on out', text);
  assert.equal(refused('{ on(one) {} }'), '1:5 a function is not run here: leave on out');
  assert.deepEqual(options('{ a: functional(), asynchronous: 1 }'), {
    a: new WrittenCall('functional'),
    asynchronous: 1,
  });
});

test('names the line and column of what it cannot read', () => {
  assert.equal(refused(''), '1:1 a policy begins with {');
  assert.equal(refused("{\n  a: 'b\n}"), '2:6 this text has no end');
  assert.equal(refused('{\n  a 1 }'), '2:5 a : is expected behind a');
  assert.equal(refused('{ a: 1 b: 2 }'), '1:8 a , or } is expected here');
  assert.equal(refused('{ a: 1'), '1:7 a , or } is expected here');
  assert.equal(refused('{ a: '), '1:6 the text ends before the policy does');
  assert.equal(refused('{'), '1:2 a } is missing');
  assert.equal(refused('{ a: 1, a: 2 }'), '1:9 a stands here twice');
  assert.equal(refused('{} more'), '1:4 the policy is over here, and more follows');
});

test('is bounded in length and depth', () => {
  assert.equal(refused(`{ a: '${'x'.repeat(100_001)}' }`), '1:1 it is longer than 100000 characters');
  assert.match(refused(`{ a: ${'['.repeat(5000)}`), /^1:45 more than 40 levels$/);
});

test('reads the policies of the guides, but for those that are code', () => {
  const policies = globSync('docs/guides/*.md', { cwd: ROOT }).flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^export default definePolicy\([^]*?^\}\);$/gm)].map(
      ([text]) => text,
    ),
  );
  const read = policies.filter((text) => refused(text) === 'not refused');
  assert.ok(
    policies.length > 10 && read.length > policies.length / 2,
    `${read.length} of ${policies.length}`,
  );
});
