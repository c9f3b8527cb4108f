/** docs/guides/leaving/: every line of policy that they say to write is one that a policy takes, in production. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { MOVABLE } from '../../src/check/init/plan-moves.ts';
import { SECTIONS } from '../../src/policy/controls.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { recordingAudit } from '../../src/testing/fakes.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';

const FOLDER = join(import.meta.dirname, '../../docs/guides/leaving');
/** Of packages: what was tried on whole applications has no lines of its own. */
const PAGES = globSync('*.md', { cwd: FOLDER }).filter((file) => file !== 'tried.md');
const NAMES = new Set([...Object.keys(SECTIONS), 'routes']);

test('each package that init moves has its page', () => {
  const pages = PAGES.map((file) => file.replace('.md', ''));
  assert.deepEqual(pages.toSorted(), [...MOVABLE, 'passport'].toSorted());
});

describe('lines of policy', () => {
  for (const file of PAGES) {
    const cells = readFileSync(join(FOLDER, file), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split(' | ').at(-1) ?? '');
    const lines = cells
      .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? ''))
      .filter((code) => NAMES.has(/^(\w+): \{/.exec(code)?.[1] ?? ''));

    test(file, async () => {
      assert.ok(lines.length > 0);
      for (const line of lines) {
        const options = JSON.parse(runInNewContext(`JSON.stringify({ ${line} })`) as string) as PolicyOptions;
        const policy = await readPolicy({
          origin: 'https://shop.example.com',
          environment: 'production',
          secrets: fixedSecrets(TEST_SECRET),
          state: memory(),
          audit: { sink: recordingAudit().sink },
          ...options,
          ...(options.accounts !== undefined && {
            accounts: { ...options.accounts, mail: { send: () => Promise.resolve() } },
          }),
        });
        await policy.state.close();
      }
    });
  }
});
