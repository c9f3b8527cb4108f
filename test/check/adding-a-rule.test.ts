/** Adding a rule touches two files: its room's, and the table of what rules have to say. All else is made from them. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULES } from '../../src/check/rules.ts';

const ROOT = join(import.meta.dirname, '../..');

test('a rule is named in its room and in its row, and nowhere else', () => {
  const sources = globSync(['src/**/*.ts', 'tools/**/*.ts', 'test/**/*.ts'], {
    cwd: ROOT,
    exclude: (name) => name === 'node_modules',
  })
    // Tests may look at any rule, and the help of the command has an example; none has to know all. Words of other products
    // are paths of a policy, of which one looks like a rule.
    .filter((file) => !file.endsWith('.test.ts') && !/^src\/(?:cli\/|core\/peer-words\.ts$)/.test(file))
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
  for (const { id } of RULES) {
    const named = sources.filter(({ text }) => text.includes(`'${id}'`)).map(({ file }) => file);
    const [row, room, ...more] = named.toSorted(
      (a, b) => Number(a.startsWith('src/')) - Number(b.startsWith('src/')),
    );
    assert.equal(row, 'test/check/expected.ts', id);
    assert.match(room ?? '', /^src\/.*\.check\.ts$/, id);
    assert.deepEqual(more, [], id);
  }
});
