import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { saidOf } from '../../../../test/support/made-tree.ts';
import { plantKeys } from '../../../../test/support/planted-keys.ts';
import { checkSource } from '../check-source.ts';
import { FURTHER_KEY_FORMATS, FURTHER_KEY_MARKS } from './further-key-formats.ts';
import { keysIn } from './key-formats.ts';
import { secretRules } from './secret-rules.ts';

test('each key of a service, and each file with a password, is found in its place, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-keys-'));
  try {
    const planted = plantKeys(folder);
    const root = join(folder, planted[0]?.application ?? '');
    assert.deepEqual(
      saidOf(await checkSource(root, { rules: secretRules })),
      planted.map(({ rule, file, line }) => `${rule} ${file}:${line}`).toSorted(),
    );
    // Whoever is skipped by its mark is never looked at.
    const mark = new RegExp(FURTHER_KEY_MARKS.source, 'i');
    for (const line of readFileSync(join(root, 'shop/services.py'), 'utf8').split('\n'))
      for (const { name, pattern } of FURTHER_KEY_FORMATS)
        if (line.search(pattern) >= 0) assert.match(line, mark, name);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what only begins like a key is none', () => {
  for (const text of [
    'key-0123456789',
    'primary-key-column',
    'dapi-documentation',
    'rubygems_mirror',
    'const a8Q~b',
    'discord MTabcdefghijklmnopqrstuv.abcdef.abcdefghijklmnopqrstuvwxyz0',
    'PMAK-your-key-here',
    `sntryu_${'0'.repeat(64)}`,
  ])
    assert.deepEqual(keysIn(text), [], text);
});
