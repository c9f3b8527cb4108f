/** A process that is killed in the middle of its writes: what it has answered for is there when it comes back. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { ask, sessionCookieOf } from '../../src/testing/wire.ts';
import { OWN_PAGE } from './support.ts';

const directory = mkdtempSync(join(tmpdir(), 'bulwark-killed-'));
const children = new Set<ChildProcess>();

after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

async function startChild(): Promise<{ port: number; kill: () => Promise<void> }> {
  const main = join(import.meta.dirname, 'killed-child.ts');
  const child = spawn(process.execPath, ['--conditions=bulwark-source', main, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  children.add(child);
  const exit = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exit.then(() => Promise.reject(new Error('it did not start'))),
  ])) as [string];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
    children.delete(child);
  };
  return { port: Number(line), kill };
}

/** Signs in until the server is gone. What is returned was answered with 200. */
async function signInUntilGone(
  port: number,
  name: string,
  arrived: () => void,
): Promise<Map<string, string>> {
  const answered = new Map<string, string>();
  for (let count = 0; ; count += 1) {
    const account = `${name}-${count}`;
    try {
      const target = `/sign-in?account=${account}`;
      const answer = await ask(port, { method: 'POST', target, headers: OWN_PAGE, body: '' });
      const cookie = sessionCookieOf(answer);
      if (answer.status === 200 && cookie !== undefined) answered.set(account, cookie);
      arrived();
    } catch {
      // It was killed before its answer was out: of this session nobody was told.
      return answered;
    }
  }
}

async function accountOf(port: number, cookie: string): Promise<unknown> {
  const answer = await ask(port, { target: '/me', headers: { cookie } });
  return (JSON.parse(answer.body) as { account: unknown }).account;
}

test('every session that was answered for outlives SIGKILL, and none that was ended comes back', async () => {
  const kept = new Map<string, string>();
  const ended: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const site = await startChild();
    for (const [account, cookie] of kept) assert.equal(await accountOf(site.port, cookie), account);
    for (const cookie of ended) assert.equal(await accountOf(site.port, cookie), null);

    const [leaving] = kept;
    if (leaving !== undefined) {
      const [account, cookie] = leaving;
      const signOut = { method: 'POST', target: '/sign-out', headers: { ...OWN_PAGE, cookie }, body: '' };
      assert.equal((await ask(site.port, signOut)).status, 200);
      kept.delete(account);
      ended.push(cookie);
    }

    let writes = 0;
    const enough = Promise.withResolvers<void>();
    const arrived = (): void => {
      writes += 1;
      if (writes === 40) enough.resolve();
    };
    const writers = ['a', 'b', 'c', 'd'].map((name) =>
      signInUntilGone(site.port, `${round}${name}`, arrived),
    );
    await enough.promise;
    await site.kill();
    for (const answered of await Promise.all(writers))
      for (const [account, cookie] of answered) kept.set(account, cookie);
  }
  assert.ok(kept.size >= 100, `${kept.size} sessions`);
  const site = await startChild();
  for (const [account, cookie] of kept) assert.equal(await accountOf(site.port, cookie), account);
  for (const cookie of ended) assert.equal(await accountOf(site.port, cookie), null);
  await site.kill();
});
