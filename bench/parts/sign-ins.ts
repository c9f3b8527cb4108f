/** `bench sign-ins`: whether the time of an answer tells a stranger which names have accounts. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts, DevelopmentMail } from 'bulwark/accounts';
import { accountPages } from 'bulwark/account-pages';
import { loadPolicy } from 'bulwark';
import { bulwark } from 'bulwark/express';
import { sqlite } from 'bulwark/sqlite';
import express from 'express';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { fromBase32 } from '../../test/support/base32.ts';
import { Progress } from '../report/progress.ts';
import { median } from '../report/summary.ts';
import { plainTable, show, type Table } from '../report/table.ts';
import { SECRET } from '../stacks/application.ts';
import { pValue } from '../report/rank-test.ts';

/** Two kinds of sign-in whose answers must take the same time. Milliseconds. */
export interface SignInPair {
  readonly first: string;
  readonly second: string;
  readonly firstMedian: number;
  readonly secondMedian: number;
  /** How likely so great a difference of ranks is where there is none (Mann and Whitney, two-sided). */
  readonly p: number;
}

const PAIRS = 200;
const QUICK_PAIRS = 30;
const WARM_UP = 5;
const PASSWORD = 'four quiet words in a row';
const WRONG = 'four other words in a row';

type Kind = 'known, wrong' | 'known with second factor, wrong' | 'disabled, right' | 'unknown';

/** Signs in over HTTP, on SQLite: each kind takes its turn in a new order each round, each time for a name of its own. */
export async function runSignIns(quick: boolean): Promise<readonly SignInPair[]> {
  const rounds = quick ? QUICK_PAIRS : PAIRS;
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  const site = await startSite(directory, rounds);
  const progress = new Progress('sign-ins');
  const times = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
  try {
    for (let round = -WARM_UP; round < rounds; round += 1) {
      progress.report(Math.max(0, round), rounds);
      for (const kind of shuffled(KINDS)) {
        const ms = await timeOf(site.port, `${slug(kind)}${round}@example.com`, kind);
        // The first few warm up what is compiled and cached.
        if (round >= 0) times.get(kind)?.push(ms);
      }
    }
    progress.report(rounds, rounds);
  } finally {
    await site.stop();
    rmSync(directory, { recursive: true });
  }
  return COMPARED.map(([first, second]) => {
    const [a, b] = [times.get(first) ?? [], times.get(second) ?? []];
    return { first, second, firstMedian: median(a), secondMedian: median(b), p: pValue(a, b) };
  });
}

/** The figures as a table. */
export function signInsTable(pairs: readonly SignInPair[]): Table {
  return {
    head: ['one kind', 'the other', 'median ms', 'median ms', 'p'],
    rows: pairs.map(({ first, second, firstMedian, secondMedian, p }) => [
      first,
      second,
      show(firstMedian, 2),
      show(secondMedian, 2),
      show(p, 3),
    ]),
  };
}

/** The figures as a person reads them. */
export function showSignIns(pairs: readonly SignInPair[]): string {
  return `sign-ins that must take the same time\n\n${plainTable(signInsTable(pairs))}`;
}

const KINDS: readonly Kind[] = [
  'known, wrong',
  'known with second factor, wrong',
  'disabled, right',
  'unknown',
];
const COMPARED: readonly (readonly [Kind, Kind])[] = [
  ['known, wrong', 'unknown'],
  ['known with second factor, wrong', 'unknown'],
  ['known with second factor, wrong', 'known, wrong'],
  ['disabled, right', 'unknown'],
];

async function startSite(
  directory: string,
  rounds: number,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const state = sqlite(directory);
  const policy = await loadPolicy({
    environment: 'development',
    origin: 'http://localhost:3000',
    secrets: { name: 'bench', load: () => [SECRET] },
    state,
    audit: { sink: () => undefined },
    firewall: { hosts: ['localhost:3000'] },
    proxy: { trusted: ['127.0.0.1'] },
    accounts: { mail: new DevelopmentMail(() => undefined) },
  });
  const layer = bulwark(policy);
  const accounts = Accounts.of(layer);
  const passwordHash = await accounts.passwords.hash(PASSWORD);
  for (let round = -WARM_UP; round < rounds; round += 1) {
    await accounts.create({ email: `${slug('known, wrong')}${round}@example.com`, passwordHash });
    const email = `${slug('known with second factor, wrong')}${round}@example.com`;
    const withFactor = await accounts.create({ email, passwordHash });
    await addApp(accounts, withFactor?.id ?? '');
    const disabled = await accounts.create({
      email: `${slug('disabled, right')}${round}@example.com`,
      passwordHash,
    });
    await state.accounts?.change(disabled?.id ?? '', 1, { disabledAt: Date.now() });
  }
  const app = express();
  app.use(layer);
  app.use(accountPages(layer));
  const server = layer.createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await layer.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

/** An authenticator app that is confirmed, and recovery codes: as from the page. */
async function addApp({ factors }: Accounts, account: string): Promise<void> {
  const visit = { audit: () => undefined };
  const { secret } = await factors.totp.enrol(account, account);
  const confirmed = await factors.totp.confirm(
    visit,
    account,
    oneTimeCode(fromBase32(secret), timeStep(Date.now())),
  );
  if (!confirmed.ok) throw new Error(`an authenticator app was not confirmed: ${confirmed.reason}`);
  await factors.recoveryCodes.create(visit, account);
}

async function timeOf(port: number, email: string, kind: Kind): Promise<number> {
  const body = new URLSearchParams({
    email,
    password: kind === 'disabled, right' ? PASSWORD : WRONG,
  }).toString();
  const started = performance.now();
  const sending = request({
    port,
    host: '127.0.0.1',
    path: '/login',
    method: 'POST',
    headers: {
      host: 'localhost:3000',
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
      // Each from an address of its own, as those have who would measure this.
      'x-forwarded-for': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`,
    },
  });
  sending.end(body);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 401) throw new Error(`a sign-in answered ${response.statusCode}, not 401`);
  return performance.now() - started;
}

function slug(kind: Kind): string {
  return kind.replaceAll(/[^a-z]/g, '');
}

function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}
