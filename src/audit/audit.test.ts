import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { kindOf } from '../../test/support/events.ts';
import { defaultsOf, readOptions } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import { AuditLog, type LineStream } from './audit.ts';
import type { AuditEvent } from './audit-event.ts';
import { auditOptions, type AuditSettings } from './audit.options.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const clock = (): number => NOW;
const defaults = defaultsOf(auditOptions);

class FakeStream implements LineStream {
  readonly lines: string[] = [];
  readonly listeners: ((error: Error) => void)[] = [];
  writableLength = 0;
  failure: Error | undefined;

  write(line: string, done: (error?: Error | null) => void): boolean {
    if (this.failure === undefined) this.lines.push(line);
    done(this.failure ?? null);
    return true;
  }

  on(_event: 'error', listener: (error: Error) => void): this {
    this.listeners.push(listener);
    return this;
  }
}

function makeLog(settings: Partial<AuditSettings> = {}): {
  log: AuditLog;
  stdout: FakeStream;
  stderr: FakeStream;
} {
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  return { log: new AuditLog({ ...defaults, ...settings }, clock, { stdout, stderr }), stdout, stderr };
}

test('v5.0.0-16.2.4 writes one line of JSON an event, to standard output', () => {
  const { log, stdout } = makeLog({ service: 'files' });
  log.write(kindOf('authn_login_fail'), { account: 'ada', at: new Date(0) }, sketchExchange());
  assert.equal(stdout.lines.length, 1);
  assert.match(stdout.lines[0] ?? '', /^\{.*\}\n$/);
  const event = JSON.parse(stdout.lines[0] ?? '') as AuditEvent;
  assert.equal(event.event, 'authn_login_fail');
  assert.equal(event.service, 'files');
  assert.equal(event.account, 'ada');
  assert.deepEqual(event.details, { at: '1970-01-01T00:00:00.000Z' });
});

test('v5.0.0-16.2.3 (in part) writes to standard error where the policy says so', () => {
  const { log, stdout, stderr } = makeLog({ sink: 'stderr' });
  log.write(kindOf('sys_startup'), {});
  assert.deepEqual([stdout.lines.length, stderr.lines.length], [0, 1]);
});

test('past failure 19: neither throws on a date nor logs a secret', () => {
  const { log, stdout } = makeLog({ redact: ['diagnosis'] });
  log.write(kindOf('user_updated'), {
    until: new Date(Number.NaN),
    password: 'hunter2',
    diagnosis: 'hunter2',
  });
  assert.match(stdout.lines[0] ?? '', /\[invalid date\]/);
  assert.ok(!(stdout.lines[0] ?? '').includes('hunter2'));
});

test('hands a sink of the application the line, and the entry as the line has it: redacted', () => {
  const seen: [string, AuditEvent][] = [];
  const { log, stdout } = makeLog({ sink: (line, event) => void seen.push([line, event]) });
  log.write(kindOf('authn_token_created'), { accessToken: 'hunter2', tokenCount: 3 });
  const [line, event] = seen[0] ?? assert.fail();
  assert.deepEqual(JSON.parse(line), event);
  assert.deepEqual(event.details, { accessToken: '[redacted]', tokenCount: 3 });
  assert.ok(!line.endsWith('\n'));
  assert.equal(stdout.lines.length, 0);
});

test('survives a sink that throws, counts what is lost and tells it once, without secrets', () => {
  const { log, stderr } = makeLog({
    sink: () => {
      throw new Error('cannot reach https://u:hunter2@logs\n\u001b[2J');
    },
  });
  for (let index = 0; index < 3; index += 1) log.write(kindOf('authz_fail'), {});
  assert.equal(log.dropped, 3);
  assert.equal(stderr.lines.length, 1);
  assert.match(stderr.lines[0] ?? '', /audit sink failed/);
  assert.ok(!(stderr.lines[0] ?? '').includes('hunter2'));
  assert.ok(!(stderr.lines[0] ?? '').includes('\u001b'));
});

async function failLater(): Promise<void> {
  await nextTurn();
  throw new Error('later');
}

test('survives a sink that fails later', async () => {
  const { log, stderr } = makeLog({ sink: failLater as unknown as () => void });
  log.write(kindOf('authz_fail'), {});
  await nextTurn();
  await nextTurn();
  assert.equal(log.dropped, 1);
  assert.equal(stderr.lines.length, 1);
});

test('survives a sink that logs through the log it serves', () => {
  const holder: { log?: AuditLog } = {};
  const { log } = makeLog({ sink: () => holder.log?.write(kindOf('authz_fail'), {}) });
  holder.log = log;
  log.write(kindOf('authz_fail'), {});
  assert.equal(log.dropped, 1);
  log.write(kindOf('authz_fail'), {});
  assert.equal(log.dropped, 2);
});

test('drops, and does not pile up, what a stalled reader does not take', () => {
  const { log, stdout } = makeLog();
  stdout.writableLength = 5 * 1024 * 1024;
  log.write(kindOf('authz_fail'), {});
  assert.equal(log.dropped, 1);
  assert.equal(stdout.lines.length, 0);
  stdout.writableLength = 0;
  log.write(kindOf('authz_fail'), {});
  assert.equal(stdout.lines.length, 1);
});

test('survives everything gone, standard error too', () => {
  const { log, stdout, stderr } = makeLog();
  stdout.failure = new Error('EPIPE');
  stderr.write = () => {
    throw new Error('gone');
  };
  log.write(kindOf('authz_fail'), {});
  assert.equal(log.dropped, 1);
  assert.equal(stdout.listeners.length, 1);
});

test('listens for errors once on each stream, however many logs there are', () => {
  const stdout = new FakeStream();
  const streams = { stdout, stderr: new FakeStream() };
  for (let index = 0; index < 20; index += 1)
    new AuditLog(defaults, clock, streams).write(kindOf('sys_startup'), {});
  assert.equal(stdout.listeners.length, 1);
});

test(
  'the end of whoever reads the log does not end the process',
  { skip: process.platform === 'win32' },
  async () => {
    const script = `
    import { AuditLog } from ${JSON.stringify(import.meta.resolve('./audit.ts'))};
    const log = new AuditLog({ sink: 'stdout', redact: [], service: 'a' });
    const timer = setInterval(() => {
      log.write({ name: 'authz_fail', level: 'warn', meaning: '', details: {} }, {});
      if (log.dropped < 3) return;
      clearInterval(timer);
      process.exitCode = 42;
    }, 5);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
    });
    child.stdout.once('data', () => child.stdout.destroy());
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 42, told);
    assert.equal(told.split('\n').filter((line) => line.includes('audit sink failed')).length, 1);
  },
);

test('counts events by name', () => {
  const { log, stdout } = makeLog();
  log.write(kindOf('authz_fail'), {});
  log.write(kindOf('authz_fail'), {});
  log.write(kindOf('sys_startup'), {});
  assert.deepEqual(
    [...log.counts],
    [
      ['authz_fail', 2],
      ['sys_startup', 1],
    ],
  );
  assert.equal(stdout.lines.length, 3);
});

test('writes for an exchange without being told it again', () => {
  const { log, stdout } = makeLog();
  const exchange = sketchExchange();
  const audit = log.forExchange(exchange);
  audit(kindOf('sensitive_create'), { file: 'a' });
  assert.equal((JSON.parse(stdout.lines[0] ?? '') as AuditEvent).requestId, exchange.id);
});

test('v5.0.0-16.4.1 whatever the request holds, an event is one line', () => {
  const { log, stdout } = makeLog();
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.anything({ withDate: true, withBigInt: true }),
      (text, value) => {
        const exchange = sketchExchange({ method: text, target: `/${text}`, peer: text });
        log.write(kindOf('authz_fail'), { [text]: value, status: text }, exchange);
        log.write(kindOf('authz_fail'), value as Record<string, unknown>, exchange);
        for (const line of stdout.lines.splice(0)) {
          assert.equal(line.indexOf('\n'), line.length - 1);
          assert.equal((JSON.parse(line) as AuditEvent).event, 'authz_fail');
        }
      },
    ),
  );
  assert.equal(log.dropped, 0);
});

test('tells the event even where its details throw', () => {
  const { log, stdout } = makeLog();
  const hostile = new Proxy({}, { ownKeys: () => assert.fail('hostile') });
  log.write(kindOf('authz_fail'), hostile, sketchExchange());
  assert.match(stdout.lines[0] ?? '', /"event":"authz_fail".*"unreadable":true/);
  assert.equal(log.dropped, 0);
});

test('reads its options, and refuses a sink that is none', () => {
  const problems = new Problems('production');
  assert.equal(
    readOptions('audit', auditOptions, { sink: assert.ok, redact: ['iban'] }, problems).sink,
    assert.ok,
  );
  assert.equal(problems.errors.length, 0);
  for (const input of [
    { sink: 'file' },
    { sink: {} },
    { redact: 'iban' },
    { redact: [''] },
    { service: 'a b\n' },
  ]) {
    readOptions('audit', auditOptions, input, problems);
  }
  assert.equal(problems.errors.length, 5);
});
