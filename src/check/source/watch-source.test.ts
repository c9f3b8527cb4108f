/** Each change of a tree is looked at once, by the rules that read what has changed. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTree } from '../../../test/support/made-tree.ts';
import { loadSourceRules } from './load-source-rules.ts';
import { type WatchedChange, watchSource } from './watch-source.ts';

const BAD = 'import yaml\nyaml.load(open("a"))\n';

function shown({ found, gone }: WatchedChange): readonly string[] {
  return [...found.map((one) => `+${one.rule}`), ...gone.map((one) => `-${one.rule}`)];
}

test(
  'a file that is written, mended, and taken away with its folder is looked at each time',
  { timeout: 30_000 },
  async () => {
    await withTree({ 'a.py': 'x = 1\n', 'README.txt': '' }, async (root) => {
      const rules = (await loadSourceRules()).filter(({ id }) =>
        /^(?:python\.yaml|config\.image-user|source\.scanned)$/.test(id),
      );
      const end = new AbortController();
      const looks: WatchedChange[] = [];
      const told = new EventEmitter();
      const next = async (count: number): Promise<readonly string[]> => {
        while (looks.length < count) await once(told, 'look');
        return shown(looks[count - 1] as WatchedChange);
      };
      const watched = watchSource(root, {
        rules,
        signal: end.signal,
        onLook(change) {
          looks.push(change);
          told.emit('look');
        },
      });
      assert.deepEqual(await next(1), []);
      writeFileSync(join(root, 'a.py'), BAD);
      assert.deepEqual(await next(2), ['+python.yaml']);
      // Nobody reads it: no look.
      writeFileSync(join(root, 'README.txt'), 'a');
      writeFileSync(join(root, 'Dockerfile'), 'FROM python:3.13\nCMD ["a"]\n');
      assert.deepEqual(await next(3), ['+config.image-user']);
      assert.deepEqual([looks[2]?.rules, looks[2]?.all.length], [2, 2]);
      mkdirSync(join(root, 'more'));
      await next(4);
      writeFileSync(join(root, 'more/b.py'), BAD);
      assert.deepEqual(await next(5), ['+python.yaml']);
      rmSync(join(root, 'more'), { recursive: true });
      let last = await next(6);
      // Taking a folder away may be told of in two steps.
      if (last.length === 0) last = await next(7);
      assert.deepEqual(last, ['-python.yaml']);
      end.abort();
      await watched;
    });
  },
);
