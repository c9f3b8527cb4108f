/**
 * What is public takes what its types say, at run time too: each function and method of each subpath of the package is
 * called with something that it does not take, in the place of each of its parameters. A new one is refused here until
 * it is in the list. And whoever forgets to await one loses no process over it.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CLASSES, EXPORTS, INSTANCES, layer, madeInstances, OBJECTS } from './support/public-objects.ts';
import { type Call, refuses, refusesEach } from './support/refused-calls.ts';

const ROOT = join(import.meta.dirname, '..');
after(async () => {
  await layer.close();
});

test('every subpath of the package is in this list, with every function and class of it', async () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly 'bulwark-source': string }>>;
  };
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    const there = (await import(pathToFileURL(join(ROOT, target['bulwark-source'])).href)) as object;
    const named = Object.entries(there).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : [],
    );
    const listed = [...Object.keys(EXPORTS[path] ?? {}), ...Object.keys(CLASSES[path] ?? {})];
    assert.deepEqual(named.sort(), listed.sort(), path);
    for (const [name, good] of Object.entries(EXPORTS[path] ?? {})) {
      await refuses(`${path} ${name}`, (there as Readonly<Record<string, Call>>)[name] as Call, good);
    }
    for (const [name, good] of Object.entries(CLASSES[path] ?? {})) {
      if (good === undefined) continue;
      const made = (there as Readonly<Record<string, { of: Call }>>)[name];
      assert.ok(made !== undefined, name);
      await refuses(`${name}.of`, (...given) => made.of(...given), good);
    }
  }
});

test('every method of what they give back refuses what it does not take', async () => {
  for (const [name, [object, calls]] of Object.entries(OBJECTS)) await refusesEach(name, object, calls);
  const instances = madeInstances();
  for (const [name, calls] of Object.entries(INSTANCES))
    await refusesEach(name, instances[name] as object, calls);
});

test('every method that promises something, with nobody to await it and a store that fails, ends no process', async () => {
  const child = spawn(
    process.execPath,
    ['--conditions=bulwark-source', join(ROOT, 'test', 'support', 'unawaited-calls.ts')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [told, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  assert.equal(code, 0, complaints);
  const { called, rejected, logged } = JSON.parse(told) as Readonly<Record<string, readonly string[]>>;
  for (const [name, [object, calls]] of Object.entries(OBJECTS)) {
    if (!/^(accounts|factors)/.test(name)) continue;
    for (const method of Object.keys(calls)) {
      const one = (object as Readonly<Record<string, Call>>)[method];
      // Those that answer at once are no promise.
      if (one !== undefined && method !== 'close')
        assert.ok(called?.includes(`${name}.${method}`), `${name}.${method}`);
    }
  }
  // Awaited, they fail as before.
  for (const name of [
    'accounts.find',
    'accounts.signIn.withPassword',
    'accounts.credentials.raiseVersion',
    'accounts.apiTokens.list',
    'accounts.identities.list',
    'factors.overview',
    'factors.totp.verify',
    'factors.passkeys.list',
    'session.set',
    'layer.sessions.revoke',
    'ApiTokens.list',
  ])
    assert.ok(rejected?.includes(name), `${name} is rejected: ${rejected?.join()}`);
  assert.ok(logged?.includes('Accounts.find failed, and nobody awaited it'), logged?.join());
  assert.match(complaints, /Passkeys\.list failed, and nobody awaited it/);
});
