/**
 * How long a file takes that is not there, beside one that is somebody else's, in pairs of requests. Outside CI.
 *
 *     node --conditions=bulwark-source bench/unknown-files.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlite } from '../src/stores/sqlite/state.ts';
import { ask, sessionCookieOf } from '../src/testing/wire.ts';
import { pairedTimes } from '../src/accounts/paired-times.ts';
import { FILE_HOSTS } from '../test/hosts/file-hosts.ts';

/** Of a thousand the sign test can still be reckoned. */
const PAIRS = 1000;
const OWN = { 'sec-fetch-site': 'same-origin' };

const folder = mkdtempSync(join(tmpdir(), 'bulwark-unknown-'));
const host = await FILE_HOSTS['node:http']?.({ state: sqlite(folder), rateLimit: { mode: 'off' } });
if (host === undefined) throw new Error('there is no host');
const { port, uploads, stop } = host;

async function signIn(account: string): Promise<Record<string, string>> {
  const answer = await ask(port, { method: 'POST', target: `/sign-in?account=${account}`, headers: OWN });
  return { ...OWN, cookie: sessionCookieOf(answer) ?? '' };
}

const [ann, bob] = [await signIn('ann'), await signIn('bob')];
const type = 'multipart/form-data; boundary=b';
const body = '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ntext\r\n--b--\r\n';
await ask(port, { method: 'POST', target: '/files', headers: { ...ann, 'content-type': type }, body });
const forbidden = (await uploads.list('ann')).items[0]?.id ?? '';
// Of the same letters: paths of small letters alone are read faster.
const unknown = forbidden.split('').toReversed().join('');

async function time(id: string): Promise<number> {
  const before = process.hrtime.bigint();
  await ask(port, { target: `/files/${id}`, headers: bob });
  return Number(process.hrtime.bigint() - before) / 1e6;
}

const pairs: [number, number][] = [];
for (let pair = -100; pair < PAIRS; pair += 1) {
  // Which one is first changes, so that neither is always the one after a pause.
  const isFirst = pair % 2 === 0;
  const one = await time(isFirst ? forbidden : unknown);
  const other = await time(isFirst ? unknown : forbidden);
  if (pair >= 0) pairs.push(isFirst ? [one, other] : [other, one]);
}
const { difference, known, probability } = pairedTimes(pairs);
console.log(
  `${PAIRS} pairs: a file of somebody else takes ${known.toFixed(3)} ms, and ${(difference * 1000).toFixed(1)} us more than one that is not there (sign test: p = ${probability.toFixed(2)})`,
);
await stop();
rmSync(folder, { recursive: true });
