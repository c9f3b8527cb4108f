/** Mails in a store that outlives the process, with real stores and processes that are killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pool } from 'pg';
import { FakeAccounts, PASSWORD } from '../../../test/support/accounts.ts';
import { PostgresServer } from '../../../test/support/postgres.ts';
import { hasCode, type SeenEvent } from '../../../test/support/sessions.ts';
import { until } from '../../../test/support/until.ts';
import type { Audit } from '../../core/events.ts';
import { KeyRing } from '../../core/key-ring.ts';
import type { AccountStore } from '../../stores/ports/accounts.ts';
import type { OutboxStore } from '../../stores/ports/mail.ts';
import type { State } from '../../stores/ports/state.ts';
import { memory } from '../../stores/memory/state.ts';
import { postgres } from '../../stores/postgres/state.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { sketchAccount } from '../../testing/conformance/accounts.ts';
import { sketchOutboxMail } from '../../testing/conformance/accounts-outbox.ts';
import type { Mail, MailTransport } from './mail.ts';
import { MailQueue, type MailQueuePace } from './mail-queue.ts';

const MAIL: Mail = { to: 'ann@example.com', subject: 'Your password was changed', text: 'It was.' };
const KEYS = new KeyRing([Buffer.alloc(32, 7)]);
const HOUR_MS = 3_600_000;
/** Looks often. */
const QUICK: MailQueuePace = { pauses: [0, 0], pollMs: 5 };

/** A store of mails, opened as often as there are processes, and the words by which another process opens it. */
interface Place {
  readonly open: () => Promise<State> | State;
  readonly source: string;
}

const folder = mkdtempSync(join(tmpdir(), 'bulwark-outbox-'));
let server: PostgresServer;
const pools: Pool[] = [];
before(async () => {
  server = await PostgresServer.start();
});
after(async () => {
  await Promise.all(pools.map(async (pool) => pool.end()));
  await server.stop();
  rmSync(folder, { recursive: true });
});

let places = 0;
const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  SQLite: async () => {
    const directory = join(folder, `s${(places += 1)}`);
    const source = `import { sqlite } from ${JSON.stringify(import.meta.resolve('../../stores/sqlite/state.ts'))};
      const state = sqlite(${JSON.stringify(directory)});`;
    return Promise.resolve({ open: () => sqlite(directory), source });
  },
  PostgreSQL: async () => {
    const connectionString = await server.database();
    const source = `import pg from ${JSON.stringify(import.meta.resolve('pg'))};
      import { postgres } from ${JSON.stringify(import.meta.resolve('../../stores/postgres/state.ts'))};
      const pool = new pg.Pool({ connectionString: ${JSON.stringify(connectionString)} });
      const state = await postgres(pool, { deadlineMs: 60000 });`;
    const open = async (): Promise<State> => {
      const pool = new Pool({ connectionString, max: 3 });
      pools.push(pool);
      return postgres(pool, { deadlineMs: 60_000 });
    };
    return { open, source };
  },
};

for (const [name, newPlace] of Object.entries(PLACES)) {
  describe(`mails in ${name}`, () => {
    test('a mail whose process is killed as it is sent is sent by the next one', async (t) => {
      const { open, source } = await newPlace();
      const state = await open();
      t.after(() => state.close());
      const accounts = accountsOf(state);
      await accounts.create(sketchAccount('ann'));
      const child = runChild(`${source}
        import { KeyRing } from ${JSON.stringify(import.meta.resolve('../../core/key-ring.ts'))};
        import { MailQueue } from ${JSON.stringify(import.meta.resolve('./mail-queue.ts'))};
        const place = { outbox: state.accounts.outbox, keys: new KeyRing([Buffer.alloc(32, 7)]), lasts: true };
        const send = () => { console.log('sends'); return new Promise(() => setInterval(() => {}, 1000)); };
        const queue = new MailQueue({ send }, () => {}, place, { deadlineMs: 200 });
        const kept = queue.sealNotice(${JSON.stringify(MAIL)});
        console.log(await state.accounts.change('ann', 1, { passwordHash: 'new' }, kept.row));
        queue.tell(() => {}, kept);`);
      const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
      assert.match(String(said), /^changed/);
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal((await accounts.find('ann'))?.passwordHash, 'new');
      const { sent, queue } = newQueue(state);
      await until('the mail arrives', () => sent.length > 0);
      assert.deepEqual(sent, [MAIL]);
      await until('nothing waits', async () => (await accounts.outbox.count()) === 0);
      await queue.close(1000);
    });

    test('of two processes that look at once one sends each mail, and sends it once', async (t) => {
      const { open } = await newPlace();
      const states = [await open(), await open()];
      t.after(() => Promise.all(states.map(async (state) => state.close())));
      const [first] = states as [State, State];
      const { outbox } = accountsOf(first);
      const writer = new MailQueue(refusing, silent, placeOf(first), { pollMs: HOUR_MS });
      for (let mail = 0; mail < 40; mail += 1) {
        const { row } = writer.seal({ ...MAIL, text: `mail ${mail}` }, HOUR_MS);
        await outbox.put({ ...row, heldUntil: 0 });
      }
      const queues = states.map((state) => newQueue(state));
      await until('all are sent', async () => (await outbox.count()) === 0);
      const texts = queues.flatMap(({ sent }) => sent.map(({ text }) => text));
      assert.equal(texts.length, 40);
      assert.equal(new Set(texts).size, 40);
      await Promise.all([writer.close(0), ...queues.map(async ({ queue }) => queue.close(1000))]);
    });

    test('a mail server that is gone for a while gets the mail in the end, by one process alone', async (t) => {
      const state = await (await newPlace()).open();
      t.after(() => state.close());
      let gone = true;
      let tries = 0;
      const sent: Mail[] = [];
      const send = (mail: Mail): Promise<void> => {
        tries += 1;
        return gone ? Promise.reject(new Error('gone')) : Promise.resolve(void sent.push(mail));
      };
      const place = placeOf(state);
      const queue = new MailQueue({ send }, silent, place, {
        ...QUICK,
        pauses: [1, 1, 200, 1],
      });
      const other = newQueue(state);
      const kept = queue.sealNotice(MAIL);
      await queue.store(kept);
      queue.tell(silent, kept);
      await until('three tries have failed', () => tries === 3);
      gone = false;
      await queue.settled();
      assert.deepEqual([sent, other.sent, await place.outbox.count()], [[MAIL], [], 0]);
      await Promise.all([queue.close(0), other.queue.close(0)]);
    });
  });
}

test('a row that cannot be opened stops no other, and is an event', async () => {
  const state = memory();
  const { outbox } = accountsOf(state);
  const writer = new MailQueue(refusing, silent, placeOf(state), { pollMs: HOUR_MS });
  const moved = writer.seal({ ...MAIL, text: 'of another row' }, HOUR_MS).row;
  await outbox.put(sketchOutboxMail('made-up', { heldUntil: 0, expiresAt: Date.now() + HOUR_MS }));
  await outbox.put({ ...moved, id: 'moved', heldUntil: 0 });
  await outbox.put({ ...writer.seal(MAIL, HOUR_MS).row, heldUntil: 0 });
  const { sent, events, queue } = newQueue(state);
  await until('nothing waits', async () => (await outbox.count()) === 0);
  await queue.settled();
  assert.deepEqual(sent, [MAIL]);
  assert.equal(
    events.filter(({ details }) => /could not be opened/.test(String(details['reason']))).length,
    2,
  );
  await Promise.all([queue.close(0), writer.close(0)]);
});

test('a mail whose link is over, or that ended one process after another, is dropped, and is an event', async () => {
  const state = memory();
  const { outbox } = accountsOf(state);
  const writer = new MailQueue(refusing, silent, placeOf(state), { pollMs: HOUR_MS });
  await outbox.put({ ...writer.seal(MAIL, -1).row, heldUntil: 0 });
  await outbox.put({ ...writer.seal(MAIL, HOUR_MS).row, heldUntil: 0, tries: 8 });
  const { sent, events, queue } = newQueue(state);
  await until('nothing waits', async () => (await outbox.count()) === 0);
  await queue.settled();
  assert.deepEqual(sent, []);
  assert.match(JSON.stringify(events), /while its link worked/);
  assert.match(JSON.stringify(events), /each process that sent it ended/);
  await Promise.all([queue.close(0), writer.close(0)]);
});

test('past ten thousand mails in the store, whoever asks for one is told to come again', async () => {
  const { accounts } = memory();
  let count = 10_000;
  const outbox: OutboxStore = { ...(accounts as AccountStore).outbox, count: () => count };
  const { queue } = newQueue({ accounts: { ...(accounts as AccountStore), outbox } });
  const ask = (): void => queue.asked.add(() => Promise.resolve());
  await until('it is known', () => {
    try {
      ask();
      return false;
    } catch (error) {
      return hasCode('ERR_BULWARK_QUEUE_FULL')(error);
    }
  });
  count = 9999;
  await until('there is room again', () => {
    try {
      ask();
      return true;
    } catch (error) {
      return !hasCode('ERR_BULWARK_QUEUE_FULL')(error);
    }
  });
  await queue.close(0);
});

test('a process that ends in time leaves its mails to the next, and a dump of them opens nothing', async (t) => {
  const state = sqlite(join(folder, 'left'));
  t.after(() => state.close());
  const { outbox } = accountsOf(state);
  const one = new FakeAccounts({}, state);
  const { person, account } = await one.member('ann@example.com');
  one.mailFails = true;
  await person.visit((visit) => one.accounts.reset.ask(visit, 'ann@example.com'));
  await until('the link is stored', async () => (await outbox.count()) === 1);
  const record = await accountsOf(state).find(account.id);
  assert.ok(record !== undefined);
  await person.visit((visit) =>
    one.accounts.credentials.changePassword(visit, record, { current: PASSWORD, next: `${PASSWORD} now` }),
  );
  await one.accounts.close(0);
  assert.match(JSON.stringify(one.events), /"waiting":2,"reason":"[^"]*the next one sends them"/);
  const dump = JSON.stringify(await outbox.claim(Date.now(), 0, 9));
  assert.doesNotMatch(dump, /ann@|token=|password/);
  const two = new FakeAccounts({}, state);
  await until('both are sent', () => two.mails.length === 2);
  assert.deepEqual(
    two.mails.map(({ to }) => to),
    ['ann@example.com', 'ann@example.com'],
  );
  await two.accounts.close(1000);
});

const silent: Audit = () => undefined;
const refusing: MailTransport = { send: () => Promise.reject(new Error('not here')) };

function accountsOf({ accounts }: Pick<State, 'accounts'>): AccountStore {
  assert.ok(accounts !== undefined);
  return accounts;
}

function placeOf(state: Pick<State, 'accounts'>): {
  readonly outbox: OutboxStore;
  readonly keys: KeyRing;
  readonly lasts: boolean;
} {
  return { outbox: accountsOf(state).outbox, keys: KEYS, lasts: true };
}

interface Opened {
  readonly sent: Mail[];
  readonly events: SeenEvent[];
  readonly queue: MailQueue;
}

/** A queue of another process on the same store, whose mail server is there. */
function newQueue(state: Pick<State, 'accounts'>, pace: MailQueuePace = QUICK): Opened {
  const sent: Mail[] = [];
  const events: SeenEvent[] = [];
  const audit: Audit = ({ name }, details) => void events.push({ event: name, details });
  const send = (mail: Mail): Promise<void> => Promise.resolve(void sent.push(mail));
  return { sent, events, queue: new MailQueue({ send }, audit, placeOf(state), pace) };
}

function runChild(source: string): ChildProcess {
  const args = ['--conditions=bulwark-source', '--input-type=module', '--eval', source];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}
