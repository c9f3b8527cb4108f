/** A real clamd: what it finds is refused, and where it says nothing a file waits. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { clamd, type Clamd, watchSignatures } from '../../src/controls/uploads/antivirus/clamd.ts';
import { heldFile } from '../../src/controls/uploads/content/whole-file.ts';
import { contentScan, type ScannedFile } from '../../src/controls/uploads/scan/scan.ts';
import { madeArchive } from '../support/archives.ts';
import { HANG_MS } from '../support/hang.ts';
import { ClamdServer, EICAR, MARKED } from '../support/clamd.ts';
import { realFiles } from '../support/real-files.ts';

const file = (bytes: Buffer, type = 'application/octet-stream'): ScannedFile => ({
  ...heldFile(bytes),
  type,
});
const GOOD = file(Buffer.from('a letter'));
const CLEAN = { verdict: 'clean' };

describe('clamd', () => {
  let server: ClamdServer;
  let scanner: Clamd;
  before(async () => {
    server = await ClamdServer.start();
    scanner = clamd({ socket: server.socket, size: 2 * 1024 ** 2 });
  });
  after(async () => {
    await server.stop();
  });

  async function reasonOf(one: ScannedFile, by: Clamd = scanner): Promise<string> {
    const found = await by.scan(one);
    return found.verdict === 'clean' ? 'clean' : `${found.verdict} ${found.reason}`;
  }

  test('v5.0.0-5.4.3 what it knows is refused with its name, over either socket, and in an archive', async () => {
    const over = clamd({ host: '127.0.0.1', port: server.port });
    for (const by of [scanner, over]) {
      const found = await by.scan(file(EICAR));
      assert.deepEqual(found, {
        verdict: 'refused',
        reason: 'virus',
        detail: 'The file has a virus in it.',
        found: 'Eicar-Test-File.UNOFFICIAL',
      });
      assert.deepEqual(await by.scan(GOOD), CLEAN);
      assert.equal(await reasonOf(file(madeArchive([{ name: 'a.com', text: EICAR }])), by), 'refused virus');
    }
    const scan = contentScan({ antivirus: scanner });
    assert.equal(
      (await scan(file(madeArchive([{ name: 'a', text: EICAR }]), 'application/zip'))).verdict,
      'refused',
    );
  });

  test('what real tools have written is good, and pieces make no difference', async () => {
    for (const { name, bytes } of realFiles()) assert.equal(await reasonOf(file(bytes)), 'clean', name);
    const bytes = randomBytes(700_000);
    const slow: ScannedFile = {
      size: bytes.length,
      type: '',
      async *read() {
        for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
      },
    };
    assert.equal(await reasonOf(slow), 'clean');
  });

  test('a file that is too large for it waits, whichever of both says so', async () => {
    // Larger than the stream that clamd takes, and smaller than what we would give it: it answers, or is gone while we write.
    for (let round = 0; round < 5; round += 1)
      assert.match(await reasonOf(file(randomBytes(1024 ** 2 + 200_000))), /^wait (?:too-large|failed)$/);
    assert.equal(await reasonOf(file(randomBytes(2 * 1024 ** 2 + 1))), 'wait too-large');
  });

  test('a file that it takes, and would not look at, waits: also one in an archive', async () => {
    assert.equal(await reasonOf(file(randomBytes(900_000))), 'wait too-large');
    const scan = contentScan({ antivirus: clamd({ socket: server.socket, size: 800_000 }) });
    const archive = (size: number): ScannedFile =>
      file(madeArchive([{ name: 'a', text: Buffer.alloc(size, 'abc') }]), 'application/zip');
    assert.equal((await scan(archive(800_000))).verdict, 'clean');
    assert.deepEqual((await scan(archive(800_001))).verdict, 'wait');
  });

  test('a file that is cut while it is read is no file that was looked through', async () => {
    const cut: ScannedFile = {
      size: 10,
      type: '',
      async *read() {
        yield Buffer.from('12345');
      },
    };
    await assert.rejects(scanner.scan(cut), /another size/);
    assert.deepEqual(await scanner.scan(GOOD), CLEAN);
  });

  test('many at once are all answered, and more than wait are told so', async () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      reasonOf(file(index % 2 === 0 ? EICAR : randomBytes(1000))),
    );
    assert.deepEqual([...new Set(await Promise.all(many))].sort(), ['clean', 'refused virus']);
    const few = clamd({ socket: server.socket, atOnce: 1, waiting: 2 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => reasonOf(GOOD, few)));
    assert.deepEqual(answers.sort(), ['clean', 'clean', 'clean', 'wait busy', 'wait busy']);
    assert.equal(await reasonOf(GOOD, few), 'clean');
  });

  test('says where its settings let files pass that nobody looked through', async () => {
    assert.deepEqual(await scanner.problems(), []);
    const silent = await ClamdServer.start([]);
    try {
      const other = clamd({ socket: silent.socket });
      assert.match((await other.problems()).join(), /AlertExceedsMax yes/);
      assert.equal(
        await reasonOf(file(madeArchive([{ name: 'a', text: Buffer.alloc(3 * 1024 ** 2) }])), other),
        'clean',
      );
    } finally {
      await silent.stop();
    }
  });

  test('a new signature finds what was good before', async () => {
    assert.equal(await reasonOf(file(MARKED)), 'clean');
    await server.addSignature(scanner);
    assert.equal(await reasonOf(file(MARKED)), 'refused virus');
  });

  test('hung: a file waits no longer than its time, and is answered when clamd goes on', async () => {
    const short = clamd({ socket: server.socket, timeout: 500 });
    server.signal('SIGSTOP');
    const begun = performance.now();
    assert.equal(await reasonOf(GOOD, short), 'wait slow');
    assert.equal(await reasonOf(file(EICAR), short), 'wait slow');
    assert.ok(performance.now() - begun < HANG_MS, 'not for the minute that it has by itself');
    assert.equal(await short.version(), undefined);
    server.signal('SIGCONT');
    assert.equal(await reasonOf(GOOD, scanner), 'clean');
    assert.equal(await reasonOf(file(EICAR), scanner), 'refused virus');
  });

  test('killed: files wait, also the one that it was looking at; restarted: it goes on, and who watches is told', async () => {
    let told = 0;
    const stop = watchSignatures(scanner, () => (told += 1), { every: 50, after: 50 });
    try {
      await until(async () => (await scanner.version()) !== undefined);
      const under = reasonOf({
        size: 2,
        type: '',
        async *read() {
          yield Buffer.from('a');
          await server.kill();
          yield Buffer.from('b');
        },
      });
      assert.match(await under, /^wait (?:failed|down)$/);
      assert.equal(await reasonOf(GOOD), 'wait down');
      assert.equal(await reasonOf(GOOD, clamd({ host: '127.0.0.1', port: server.port })), 'wait down');
      assert.deepEqual(await scanner.problems(), ['clamd does not answer: down.']);
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(told, 0);
      await server.again();
      assert.equal(await reasonOf(file(EICAR)), 'refused virus');
      await until(() => Promise.resolve(told > 0));
    } finally {
      stop();
    }
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('it did not come to be');
}
