/** The guard of docs/guides/your-own-guard.md, as it is written there, over a server. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { bulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { OwnGuard } from '../../src/policy/own-guards.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { listening } from '../support/listening.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';

const ROOT = join(import.meta.dirname, '../..');
// Inside the repository, where `bulwark` is this package.
const FOLDER = join(ROOT, 'test/.documents', `guard-${process.pid}`);

after(() => rmSync(FOLDER, { recursive: true, force: true }));

async function guardOfTheGuide(): Promise<OwnGuard> {
  const page = readFileSync(join(ROOT, 'docs/guides/your-own-guard.md'), 'utf8');
  const code = /^```ts\n([^]*?)^```$/m.exec(page)?.[1] ?? assert.fail('the guide has an example');
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, 'bulwark.config.ts');
  writeFileSync(file, code);
  const { openingHours } = (await import(pathToFileURL(file).href)) as { openingHours: OwnGuard };
  return openingHours;
}

test('the guard of the guide refuses at night, says so in the log, and its hours stand on every answer', async (t: TestContext) => {
  const guard = await guardOfTheGuide();
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-01-01T03:00:00Z') });
  for (const mode of ['observe', 'enforce'] as const) {
    const events: AuditEvent[] = [];
    const layer = bulwark({
      environment: 'development',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      audit: { sink: (_line, event) => void events.push(event) },
      guards: [{ after: 'session', guard: { ...guard, mode } }],
    });
    const server = layer.createServer(layer.handler((_request, response) => response.end('in')));
    await listening(
      server,
      async (port) => {
        const url = `http://127.0.0.1:${port}`;
        const office = await fetch(`${url}/office/books`);
        assert.equal(office.status, mode === 'observe' ? 200 : 403);
        const told = events.find(({ event }) => event === 'office_closed');
        assert.equal(told?.guard, 'opening-hours');
        assert.equal(told.details?.['hour'], 3);
        // Of a guard that only observes, what it would have set is counted too.
        const counted = mode === 'observe' ? { refused: 0, observed: 2 } : { refused: 1, observed: 0 };
        assert.deepEqual(layer.counts.get('opening-hours'), counted);
        if (mode === 'enforce') {
          const { type } = (await office.json()) as { readonly type: string };
          assert.equal(type, 'urn:bulwark:problem:office-closed');
          assert.equal(office.headers.get('x-office-hours'), '06-20');
        }
        assert.equal((await fetch(`${url}/shop`)).status, 200);
      },
      () => layer.close(),
    );
  }
});
