import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { PolicyError } from '../../../core/errors.ts';
import type { Audit } from '../../../core/events.ts';
import { defaultsOf } from '../../../core/options.ts';
import { Passwords } from '../passwords.ts';
import { rangeService, RangeService } from './range-service.ts';
import { type RangeServiceOptions, rangeServiceOptions } from './range-service.options.ts';

const BREACHED = 'kitchen lamp seven rivers';
const FRESH = 'zmxkq vbwpt lrnfh';
const SUBJECT = { secondFactor: false, ownWords: [] };

function digits(password: string): string {
  return hash('sha1', password, 'hex').toUpperCase();
}

/** What a service sends back for a prefix: a few others, the breached one, and padding. */
function range(prefix: string): string {
  const others = Array.from({ length: 20 }, (_, index) => `${digits(String(index)).slice(5)}:${index + 1}`);
  const isAsked = digits(BREACHED).startsWith(prefix);
  const padding = Array.from({ length: 20 }, (_, index) => `${digits(`pad ${index}`).slice(5)}:0`);
  const known = isAsked ? [`${digits(BREACHED).slice(5)}:42`] : [];
  return [...others, ...known, ...padding, `${digits(FRESH).slice(5)}:0`].join('\r\n');
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const answerWell: Answer = (request, response) => {
  response.end(range(String(request.url).slice('/range/'.length)));
};

let server: Server;
let url: string;
let answer: Answer;
let asked: IncomingMessage[];

before(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`;
});
beforeEach(() => {
  answer = answerWell;
  asked = [];
});
after(() => {
  server.close();
  server.closeAllConnections();
});

interface Told {
  readonly event: string;
  readonly details: unknown;
}

/** What becomes of a new password, in codes, and the events of it. */
async function check(
  password: string,
  options: RangeServiceOptions = {},
  passwords: Passwords = Passwords.of({ breached: rangeService({ url, ...options }) }),
): Promise<{ readonly codes: readonly string[]; readonly told: readonly Told[] }> {
  const told: Told[] = [];
  const audit: Audit = ({ name }, details) => void told.push({ event: name, details });
  const problems = await passwords.check(password, SUBJECT, { audit });
  return { codes: problems.map(({ code }) => code), told };
}

test('v5.0.0-6.2.12 refuses what the service knows, takes what it does not, padding included', async () => {
  assert.deepEqual(await check(BREACHED), { codes: ['breached'], told: [] });
  assert.deepEqual(await check(FRESH), { codes: [], told: [] });
  assert.deepEqual(await check(BREACHED, { atLeast: 42 }), { codes: ['breached'], told: [] });
  assert.deepEqual(await check(BREACHED, { atLeast: 43 }), { codes: [], told: [] });
});

test('sends five digits of the hash and nothing else of the password, and asks for padding', async () => {
  await check(BREACHED);
  const [request] = asked;
  assert.ok(request !== undefined);
  assert.equal(request.method, 'GET');
  assert.equal(request.url, `/range/${digits(BREACHED).slice(0, 5)}`);
  assert.equal(request.headers['add-padding'], 'true');
  const sent = JSON.stringify([request.url, request.rawHeaders]).toUpperCase();
  for (const secret of [digits(BREACHED).slice(0, 6), digits(BREACHED).slice(5, 12), 'KITCHEN']) {
    assert.ok(!sent.includes(secret), sent);
  }
  assert.equal(request.headers.cookie, undefined);
});

/** Services that fail, each in its way. */
const FAILURES: Readonly<Record<string, Answer>> = {
  'an error': (_, response) => response.writeHead(503).end('gone'),
  'too many requests': (_, response) => response.writeHead(429).end(),
  'the page of a proxy': (_, response) => response.end('<!doctype html><h1>Sign in to the network</h1>'),
  nothing: (_, response) => response.end(),
  'half an answer': (_, response) => {
    response.writeHead(200, { 'content-length': '5000' }).write(range('00000').slice(0, 100));
    setImmediate(() => response.destroy());
  },
  'an answer without end': (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(`${range('00000')}\r\n`)) continue;
    };
    response.on('drain', more);
    more();
  },
  // Whoever followed it would have an answer.
  'a redirect': (request, response) => {
    if (request.url === '/elsewhere') response.end(range(digits(BREACHED).slice(0, 5)));
    else response.writeHead(302, { location: '/elsewhere' }).end();
  },
  'a closed connection': (request) => request.socket.destroy(),
};

/** What the event says of some of them. */
const REASONS: Readonly<Record<string, RegExp>> = {
  'an error': /it answered 503/,
  'too many requests': /it answered 429/,
  'the page of a proxy': /no list of hashes/,
  nothing: /is empty/,
  'an answer without end': /has no end/,
};

for (const [name, failure] of Object.entries(FAILURES)) {
  test(`a service that answers with ${name} keeps nobody out, and an event tells of it`, async () => {
    answer = failure;
    const { codes, told } = await check(BREACHED, { timeout: '30s' });
    assert.deepEqual(codes, []);
    assert.deepEqual(
      told.map(({ event }) => event),
      ['sys_service_unavailable'],
    );
    assert.match(JSON.stringify(told), REASONS[name] ?? /looked up/, name);
    assert.ok(!JSON.stringify(told).toUpperCase().includes(digits(BREACHED).slice(5)));
    // Where the application would rather have nobody than an unchecked password.
    const strict = await check(BREACHED, { timeout: '30s', whenUnreachable: 'refuse' });
    assert.deepEqual(strict.codes, ['unchecked']);
  });
}

test('v5.0.0-13.2.6 (in part) a service that never answers is waited for as long as is said and no longer', async () => {
  answer = () => undefined;
  const { codes, told } = await check(BREACHED, { timeout: '50ms' });
  assert.deepEqual(codes, []);
  assert.match(JSON.stringify(told), /timeout/);
  // A client of one's own that does not look at its signal.
  const deaf = Passwords.of({
    breached: rangeService({ timeout: '50ms' }, () => new Promise<string>(() => undefined)),
  });
  assert.deepEqual((await check(BREACHED, {}, deaf)).codes, []);
});

test('after a failure nothing is asked for a while, and then it is tried again', async () => {
  let now = 0;
  let calls = 0;
  let works = false;
  const request = (prefix: string): Promise<string> => {
    calls += 1;
    return works ? Promise.resolve(range(prefix)) : Promise.reject(new Error('down'));
  };
  const settings = { ...defaultsOf(rangeServiceOptions), retryAfter: 1000 };
  const service = new RangeService(settings, request, () => now);
  const sha1 = hash('sha1', BREACHED, 'buffer');
  const audit: Audit = () => undefined;
  assert.equal(await service.lookUp(sha1, { audit }), 'not-found');
  works = true;
  now = 999;
  assert.equal(await service.lookUp(sha1, { audit }), 'not-found');
  assert.equal(calls, 1);
  now = 1000;
  assert.equal(await service.lookUp(sha1, { audit }), 'breached');
  assert.equal(calls, 2);
});

test('v5.0.0-13.2.6 (in part) asks for so many at once and no more: a flood of sign-ups opens no flood of connections', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let underWay = 0;
  const service = rangeService({ timeout: '30s' }, async (prefix) => {
    underWay += 1;
    await promise;
    return range(prefix);
  });
  const sha1 = hash('sha1', BREACHED, 'buffer');
  const lookUps = Array.from({ length: 50 }, async () => await service.lookUp(sha1, {}));
  assert.equal(underWay, 16);
  resolve(undefined);
  const answers = await Promise.all(lookUps);
  assert.equal(answers.filter((one) => one === 'breached').length, 16);
  assert.equal(await service.lookUp(sha1, {}), 'breached');
});

test('whoever has gone is not looked up for, and that is no failure of the service', async () => {
  const controller = new AbortController();
  const reached = new Promise<void>((resolve) => {
    answer = () => resolve();
  });
  const passwords = Passwords.of({ breached: rangeService({ url, timeout: '30s' }) });
  const told: string[] = [];
  const context = { signal: controller.signal, audit: (({ name }) => void told.push(name)) satisfies Audit };
  const checking = passwords.check(BREACHED, SUBJECT, context);
  await reached;
  controller.abort(new Error('client went away'));
  await assert.rejects(checking, /client went away/);
  await assert.rejects(passwords.check(BREACHED, SUBJECT, context), /client went away/);
  assert.deepEqual(told, []);
  answer = answerWell;
  assert.deepEqual((await passwords.check(BREACHED, SUBJECT)).length, 1);
});

test('without an audit log a failure is a warning of the process', async () => {
  const { promise, resolve } = Promise.withResolvers<Error & { code?: string }>();
  process.once('warning', resolve);
  const passwords = Passwords.of({ breached: rangeService({}, () => Promise.reject(new Error('down'))) });
  assert.deepEqual(await passwords.check(BREACHED, SUBJECT), []);
  assert.equal((await promise).code, 'ERR_BULWARK_RANGE_SERVICE');
});

test('v5.0.0-12.3.1 (in part) asks over https, or on this machine', () => {
  const refused = (options: object): readonly string[] => {
    try {
      rangeService(options);
    } catch (error) {
      if (error instanceof PolicyError) return error.problems.map(({ code }) => code);
    }
    return [];
  };
  assert.deepEqual(refused({ url: 'http://ranges.example.com/range/' }), ['ERR_BULWARK_UNSAFE_OPTION']);
  for (const bad of [
    'ranges.example.com',
    'ftp://a/',
    'https://u:p@a/',
    'https://a/?x=',
    'https://a/#x',
    7,
  ]) {
    assert.deepEqual(refused({ url: bad }), ['ERR_BULWARK_INVALID_OPTION'], String(bad));
  }
  assert.deepEqual(refused({ timeout: '0s', whenUnreachable: 'maybe', retries: 3 }), [
    'ERR_BULWARK_INVALID_OPTION',
    'ERR_BULWARK_INVALID_OPTION',
    'ERR_BULWARK_UNKNOWN_OPTION',
  ]);
  assert.deepEqual(refused({ url: 'https://ranges.example.com/range' }), []);
});
