/**
 * What the guides to the gateway claim is held by tests: each row of a table, each sentence that names a figure, each policy and
 * each command. A claim that is new, or a test that is gone, fails here.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readOptions } from '../../src/core/options.ts';
import { Problems } from '../../src/core/problems.ts';
import { gatewayOptions } from '../../src/gateway/options/gateway.options.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { runCommand } from '../support/command-run.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { claimsOf } from './guide-claims.ts';
import { FIGURES, ROWS } from './guide-proofs.ts';

const ROOT = join(import.meta.dirname, '../..');
// Inside the repository, where `bulwark` is this package.
const FOLDER = join(ROOT, 'test/.documents', `guides-${process.pid}`);

before(() => {
  mkdirSync(FOLDER, { recursive: true });
});
after(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

function assertHeld(claim: string, [file, words]: readonly [file: string, words: string]): void {
  assert.ok(readFileSync(join(ROOT, file), 'utf8').includes(words), `${claim}: ${file} has no "${words}"`);
}

for (const [guide, rows] of Object.entries(ROWS))
  describe(`docs/guides/${guide}.md`, () => {
    const claims = claimsOf(guide);

    test('each row of its tables has its test', () => {
      assert.deepEqual([...claims.rows.keys()], Object.keys(rows));
      for (const [heading, held] of Object.entries(rows)) {
        const cells = claims.rows.get(heading) ?? [];
        // One test reads all of such a table.
        if (Array.isArray(held)) {
          assertHeld(heading, held as unknown as readonly [string, string]);
          continue;
        }
        assert.deepEqual(cells, Object.keys(held), heading);
        for (const [cell, proof] of Object.entries(held)) assertHeld(cell, proof);
      }
    });

    test('each sentence that names a figure has its test', () => {
      const held = FIGURES[guide] ?? {};
      for (const sentence of claims.figures) {
        const proofs = Object.entries(held).filter(([words]) => sentence.includes(words));
        assert.ok(proofs.length > 0, `no test is named for: ${sentence}`);
        for (const [words, proof] of proofs) assertHeld(words, proof);
      }
      for (const words of Object.keys(held))
        assert.ok(
          claims.figures.some((sentence) => sentence.includes(words)),
          `no sentence says "${words}" any more`,
        );
    });

    test('each policy is taken in production', async () => {
      for (const [at, { text }] of claims.blocks.filter(({ language }) => language === 'ts').entries()) {
        const file = join(FOLDER, `${guide}-${at}.ts`);
        writeFileSync(file, text);
        const { default: policy } = (await import(file)) as { default: PolicyOptions };
        const surroundings = { secrets: fixedSecrets(TEST_SECRET), environment: 'production' as const };
        await readPolicy({ origin: 'https://notes.example.com', ...surroundings, ...policy });
      }
    });

    test('each command is one that there is, with options that it has', async () => {
      const lines = claims.blocks
        .filter(({ language }) => language === 'sh')
        .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split(/\n| \| /))
        .filter((line) => line.startsWith('bulwark '));
      for (const line of lines) {
        const [mine = ''] = line.split(' -- ');
        const [, ...words] = mine.split(' ');
        const [name = '', second = ''] = words;
        const group = await helpOf(name);
        const isGroup = /^[a-z]+$/.test(second) && new RegExp(`^ {2}${second} `, 'm').test(group);
        const help = isGroup ? await helpOf(name, second) : group;
        // What starts a server takes the options of the gateway.
        const known = name === 'run' ? help + (await helpOf('gateway')) : help;
        for (const flag of words.filter((word) => word.startsWith('--')))
          assert.match(known, new RegExp(`${flag}\\b`), line);
      }
    });
  });

async function helpOf(...words: readonly string[]): Promise<string> {
  const { code, out } = await runCommand([...words, '--help']);
  assert.equal(code, 0, words.join(' '));
  return out;
}

test('what the guides say of times and sizes is the default', () => {
  const problems = new Problems('production');
  const settings = readOptions('gateway', gatewayOptions, { upstream: 'http://127.0.0.1:8000' }, problems);
  problems.throwIfAny();
  assert.deepEqual(
    [settings.health.every, settings.times.firstByte, settings.drain.limit],
    [2_000, 60_000, 30_000],
  );
});
