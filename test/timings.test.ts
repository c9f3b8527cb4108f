/** No timing decides a test: what a test measures is held to a bound of hanging alone, or to a ratio of `support/growth.ts`. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HANG_MS } from './support/hang.ts';

const ROOT = join(import.meta.dirname, '..');
/** What has passed by a clock, and what it is held to. */
const HELD_TO =
  /(?:\b(?:performance|Date)\.now\(\) - [\w.]+|\bcpuUsage\(\w+\)\.\w+)\)? *[<>]=? *(?<bound>[\w.]+)/g;
/** A time that is waited for, and given up on where the test would be red by it. */
const LOOP = /^\s*(?:while|for) \(/;

/** Bounds that a busy machine could come over, of the lines of a test. */
function tightBounds(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !LOOP.test(line))
    .flatMap((line) => [...line.matchAll(HELD_TO)].map(({ groups }) => groups?.['bound'] ?? ''))
    .filter((bound) => bound !== 'HANG_MS' && !(Number(bound.replaceAll('_', '')) >= HANG_MS));
}

test('no test is red or green by how long something took', () => {
  const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'], {
    cwd: ROOT,
    exclude: ['**/node_modules/**'],
  });
  assert.ok(files.length > 500);
  const found = files.flatMap((file) =>
    tightBounds(readFileSync(join(ROOT, file), 'utf8')).map((bound) => `${file}: ${bound}`),
  );
  assert.deepEqual(found, [], 'hold it to HANG_MS of support/hang.ts, or count instead');
});

test('a bound is seen where there is one', () => {
  const [clock, bound] = ['performance.now()', '1_500'];
  assert.deepEqual(tightBounds(`assert.ok(${clock} - start < ${bound});`), [bound]);
  assert.deepEqual(tightBounds(`assert.ok(${clock} - start >= 79);`), ['79']);
  assert.deepEqual(tightBounds(`assert.ok(${clock} - start < SOON_MS);`), ['SOON_MS']);
  assert.deepEqual(tightBounds(`assert.ok(${clock} - start < HANG_MS, piece);`), []);
});
