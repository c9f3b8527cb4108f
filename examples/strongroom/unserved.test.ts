import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');

test('v5.0.0-8.2.1 every route has a rule, and every rule a route', () => {
  const data = mkdtempSync(join(tmpdir(), 'strongroom-routes-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--conditions=bulwark-source',
        join(ROOT, 'src/cli/bulwark.ts'),
        'routes',
        join(import.meta.dirname, 'unserved.ts'),
        '--json',
      ],
      {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, NODE_ENV: 'development', STRONGROOM_DATA: data },
      },
    );
    assert.equal(status, 0, stderr);
    const listing = JSON.parse(stdout) as {
      readonly routes: readonly { readonly path: string; readonly require: string | null }[];
      readonly unmatched: readonly string[];
    };
    assert.deepEqual(listing.unmatched, []);
    const ruleOf = (path: string): string | null | undefined =>
      listing.routes.find((route) => route.path === path)?.require;
    assert.equal(ruleOf('/notes/:id/delete'), 'signed-in');
    assert.equal(ruleOf('/login'), 'anyone');
  } finally {
    rmSync(data, { recursive: true });
  }
});
