import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../../test/support/command-run.ts';
import { EventIndex } from '../audit/index/event-index.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { sketchSession } from '../testing/conformance/support.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-command-log-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
const SECRET = randomBytes(36).toString('base64');
const LOG = join(FOLDER, 'audit.jsonl');
const INDEX = join(FOLDER, 'console.db');
const at = (file: string): string => new URL(file, import.meta.url).href;
let files = 0;

function policyAt(secrets = `fixedSecrets('${SECRET}')`): string {
  const file = join(FOLDER, `policy-${(files += 1)}.mjs`);
  writeFileSync(
    file,
    `import { sqlite } from '${at('../stores/sqlite/state.ts')}';
     import { fixedSecrets } from '${at('../testing/fakes.ts')}';
     export default {
       environment: 'production', origin: 'https://files.example.com', secrets: ${secrets},
       state: sqlite('${join(FOLDER, 'data')}'),
       accounts: { name: 'Files', mail: { send: async () => undefined } },
       audit: { file: { path: '${LOG}', hangUp: false }, personal: '${join(FOLDER, 'persons.db')}' },
       alerts: { log: true }, console: { index: '${INDEX}' },
     };`,
  );
  return file;
}

test('what commands write of a person is sealed in the log of the policy, as what the application writes is', async () => {
  const made = await runCommand([
    'accounts',
    'create',
    'ann@example.com',
    '--mail-link',
    '--policy',
    policyAt(),
  ]);
  assert.equal(made.code, 0, made.err);
  const disabled = await runCommand(['accounts', 'disable', 'ann@example.com', '--policy', policyAt()]);
  assert.equal(disabled.code, 0, disabled.err);
  const state = sqlite(join(FOLDER, 'data'));
  const { id = '' } = (await state.accounts?.findByEmail('ann@example.com')) ?? {};
  const now = Date.now();
  const live = { account: id, createdAt: now, signedInAt: now, seenAt: now, expiresAt: now + 3_600_000 };
  await state.sessions.create(sketchSession('a'.repeat(43), live));
  await state.close();
  const ended = await runCommand(['sessions', 'revoke', id, '--policy', policyAt()]);
  assert.deepEqual([ended.code, ended.out], [0, `Ended 1 session of ${id}.\n`]);
  const text = readFileSync(LOG, 'utf8');
  for (const event of ['user_created', 'authz_admin', 'session_expired'])
    assert.match(text, new RegExp(`"event":"${event}".*"sealed"`), event);
  assert.ok(!text.includes(id) && !text.includes('ann@'));
  assert.equal((await runCommand(['audit', 'verify', LOG, '--policy', policyAt()])).code, 0);
});

test('the console shows what commands did, sealed as the log has it and once, where it has been there before', async () => {
  const silence = ['alerts', 'silence', 'csp-new', '--for', '1h', '--reason', 'a release', '--policy'];
  assert.equal((await runCommand([...silence, policyAt()])).code, 0);
  assert.ok(!existsSync(INDEX));
  new EventIndex(INDEX).close();
  assert.equal((await runCommand([...silence, policyAt()])).code, 0);
  const made = await runCommand(['accounts', 'create', 'cleo@example.com', '--policy', policyAt()]);
  assert.equal(made.code, 0, made.err);
  const index = new EventIndex(INDEX);
  const namesIn = (): readonly string[] => index.page({}, 50).events.map(({ event }) => event.event);
  const names = namesIn().toSorted();
  for (const name of ['alert_silenced', 'authz_admin', 'user_created'])
    assert.equal(names.filter((one) => one === name).length, 1, names.join());
  assert.doesNotMatch(JSON.stringify(index.page({}, 50).events), /cleo@/);
  // The first silence came before the console was there: it is in the log, and comes in by it.
  await index.add([LOG]);
  assert.equal(namesIn().filter((name) => name === 'alert_silenced').length, 2);
  index.close();
});

test('without the secret of the application no session is ended that its log could not tell of', async () => {
  const own = policyAt(`{ name: 'none', load: () => [], remedy: () => '' }`);
  assert.equal((await runCommand(['sessions', 'list', 'nobody', '--policy', own])).code, 0);
  const none = policyAt(`{ name: 'none', load: () => [], remedy: () => '' }`);
  const before = existsSync(LOG) ? readFileSync(LOG, 'utf8') : '';
  const { code, err } = await runCommand(['sessions', 'revoke', 'ann', '--policy', none]);
  assert.deepEqual([code, /BULWARK_SECRET/.test(err)], [1, true]);
  assert.equal(readFileSync(LOG, 'utf8'), before);
});

test('no command makes a log by itself: it would leave out what seals the log, watches it or ships it', () => {
  const own = globSync('*.ts', { cwd: import.meta.dirname }).filter((file) => !file.endsWith('.test.ts'));
  assert.ok(own.includes('command-log.ts'));
  const wrong = own.filter((file) =>
    /new AuditLog\(|makeLog\(/.test(
      file === 'command-log.ts' ? '' : readFileSync(join(import.meta.dirname, file), 'utf8'),
    ),
  );
  assert.deepEqual(wrong, []);
});
