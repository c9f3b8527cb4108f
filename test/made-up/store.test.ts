/**
 * A store as somebody else would write one: it lives in the file beside this one, knows public subpaths only, and keeps what
 * it is given on a disk. No file of ours changes for it. `test/consumers` runs these files against the packed package as well.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { State } from 'bulwark';
import { memory } from 'bulwark/memory';
import { bulwark } from 'bulwark/node';
import {
  accountStoreConformance,
  factorStoreConformance,
  fileStoreConformance,
  reportStoreConformance,
  storeConformance,
} from 'bulwark/testing';
import { files } from './file-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'bulwark-files-'));
let made = 0;
after(() => rmSync(directory, { recursive: true, force: true }));

storeConformance('a store in files', () => {
  made += 1;
  return files(join(directory, `${made}`));
});

test('a session is there when the store is opened anew, and a layer takes it for its state', async () => {
  const path = join(directory, 'again');
  const now = Date.now();
  const record = {
    ...{
      idHash: 'a',
      account: 'ann',
      roles: [],
      createdAt: now,
      signedInAt: now,
      mfaAt: undefined,
      device: undefined,
    },
    ...{ seenAt: now, expiresAt: now + 60_000, idleMs: 60_000, version: 1, data: '{}' },
    ...{ address: '192.0.2.1', userAgent: 'a browser' },
  };
  await files(path).sessions.create(record);
  assert.deepEqual(await files(path).sessions.find('a', now), record);
  const layer = bulwark({
    environment: 'development',
    state: files(path),
    audit: { sink: () => undefined },
  });
  assert.equal((await layer.sessions.list('ann', now)).length, 1);
  await layer.close();
});

/** Each method of a port of memory, a moment later: what the suites of factors and accounts ask of a store across a network. */
function later<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get(target, name): unknown {
      const part: unknown = Reflect.get(target, name);
      if (typeof part === 'object' && part !== null) return later(part);
      if (typeof part !== 'function') return part;
      return async (...values: readonly unknown[]): Promise<unknown> => {
        await turn();
        return (await Reflect.apply(part, target, values)) as unknown;
      };
    },
  });
}

function memoryLater(): State {
  const { sessions, counters, factors, accounts, files, reports } = memory();
  return {
    reach: 'network',
    sessions,
    counters,
    ...(factors !== undefined && { factors: later(factors) }),
    ...(accounts !== undefined && { accounts: later(accounts) }),
    ...(files !== undefined && { files: later(files) }),
    ...(reports !== undefined && { reports: later(reports) }),
    close: () => undefined,
  };
}

factorStoreConformance('memory that answers later', memoryLater);
accountStoreConformance('memory that answers later', memoryLater);
fileStoreConformance('memory that answers later', memoryLater);
reportStoreConformance('memory that answers later', memoryLater);
