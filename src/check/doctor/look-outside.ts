/** What is asked across a network: the origin by its name and its certificate, the clock beside its own, the store, the mail server. */
import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import type { MailTransport } from '../../accounts/mail/mail.ts';
import type { OriginParts } from '../../core/origin.ts';
import type { State } from '../../stores/ports/state.ts';
import { error, good, type Symptom, unseen, warning } from './symptom.ts';

const DAY_MS = 86_400_000;
const SOON_MS = 21 * DAY_MS;
const WAIT_MS = 5000;
/** Codes of authenticator apps are good for thirty seconds to each side; signed links and webhooks have minutes. */
const MOST_SKEW_MS = 10_000;

/** Whether its name leads somewhere. */
export async function lookAtName({ hostname, loopback }: OriginParts): Promise<Symptom> {
  if (loopback) return good('origin', `${hostname} is this machine: nobody else is answered.`);
  try {
    const found = await lookup(hostname, { all: true });
    return good('origin', `${hostname} leads to ${found.map(({ address }) => address).join(', ')}.`);
  } catch {
    return error(
      'origin',
      `${hostname} is no name that leads anywhere from here.`,
      'correct origin, or the DNS',
    );
  }
}

/** The certificate that visitors are shown. */
export async function lookAtTls(origin: OriginParts, now: number): Promise<Symptom> {
  if (origin.scheme !== 'https') return unseen('tls', 'The origin is plain http.');
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const { hostname, port } = new URL(origin.origin);
  let fault: Error | undefined;
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 443 : Number(port),
    ...(/^[\d.]+$|:/.test(hostname) ? {} : { servername: hostname }),
    // It is looked at, and nothing is sent: what is wrong with it is to be said, whatever that is.
    rejectUnauthorized: false,
    timeout: WAIT_MS,
  });
  socket.once('secureConnect', () => {
    fault = socket.authorized ? undefined : socket.authorizationError;
    resolve(socket.getPeerX509Certificate()?.raw);
  });
  socket.once('timeout', () => reject(new Error('it does not answer')));
  socket.once('error', reject);
  try {
    const raw = await promise;
    if (fault !== undefined)
      return error(
        'tls',
        `The certificate of ${origin.host} is not one that browsers take: ${String(fault)}`,
        FIX_TLS,
      );
    if (raw === undefined) return unseen('tls', `${origin.host} showed no certificate.`);
    const certificate = new X509Certificate(raw);
    const left = certificate.validToDate.getTime() - now;
    const day = certificate.validToDate.toISOString().slice(0, 10);
    if (left < SOON_MS) return warning('tls', `The certificate of ${origin.host} ends on ${day}.`, FIX_TLS);
    return good('tls', `The certificate of ${origin.host} is good until ${day}.`);
  } catch (cause) {
    return unseen('tls', `${origin.host} could not be reached from here: ${messageOf(cause)}`);
  } finally {
    socket.destroy();
  }
}

const FIX_TLS = 'see that it is renewed by itself: docs/guides/tls.md';

/** The clock of this machine, beside the one of whoever answers for the origin. */
export async function lookAtClock(origin: OriginParts, clock: () => number): Promise<Symptom> {
  try {
    const before = clock();
    const answer = await fetch(origin.origin, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(WAIT_MS),
    });
    const theirs = Date.parse(answer.headers.get('date') ?? '');
    if (!(theirs > 0)) return unseen('clock', `${origin.host} does not say what time it is.`);
    // To the second, and somewhere between question and answer.
    const skew = Math.max(0, before - theirs - 1000, theirs - clock());
    if (skew > MOST_SKEW_MS)
      return error(
        'clock',
        `The clock here and that of ${origin.host} differ by ${Math.round(skew / 1000)} s: codes of authenticator apps and signed links fail.`,
        'have the machine follow NTP (timedatectl set-ntp true)',
      );
    return good('clock', `The clock here is that of ${origin.host}.`);
  } catch (cause) {
    return unseen('clock', `${origin.host} could not be asked for its time: ${messageOf(cause)}`);
  }
}

/** Whether the store answers, and how fast. */
export async function lookAtStore(state: State): Promise<Symptom> {
  const before = performance.now();
  try {
    await state.sessions.find(randomBytes(32).toString('base64url'), Date.now());
  } catch (cause) {
    return error(
      'store',
      `The store does not answer: ${messageOf(cause)}`,
      'see that it runs, and that this machine may reach it',
    );
  }
  const ms = Math.round(performance.now() - before);
  if (state.reach === 'process')
    return warning(
      'store',
      'State is in memory: everybody is signed out when the process ends.',
      "state: sqlite('data/'), or redis(...)",
    );
  return ms > 50
    ? warning(
        'store',
        `The store took ${ms} ms for one look: every page waits for it.`,
        'put it nearer to this machine',
      )
    : good('store', `The store answers (${ms} ms, ${state.reach}).`);
}

/** Sends one mail: that alone shows that mails leave. */
export async function lookAtMail(mail: MailTransport | undefined, to: string | undefined): Promise<Symptom> {
  if (mail === undefined) return unseen('mail', 'The policy names no mail.');
  if (to === undefined) return unseen('mail', '--mail ADDRESS sends one to try it.');
  try {
    const letter = { to, subject: 'Mail of bulwark doctor', text: 'Mails of this application arrive.\n' };
    await mail.send(letter, AbortSignal.timeout(30_000));
    return good('mail', 'The mail server took it. Look whether it arrives, and not among spam.');
  } catch (cause) {
    return error('mail', `The mail server did not take it: ${messageOf(cause)}`, 'correct accounts.mail');
  }
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
