/** Hands mails to what sends them: again where it fails, and not for ever. */
import { setTimeout as wait } from 'node:timers/promises';
import { errorName } from '../../core/errors.ts';
import type { Audit } from '../../core/events.ts';
import type { Mail, MailTransport } from './mail.ts';

/** Pauses before another try, in milliseconds. */
const PAUSES: readonly number[] = [1000, 10_000, 60_000];
const DEADLINE_MS = 30_000;

/** Sends the mails of one application. */
export class Mailroom {
  readonly #transport: MailTransport;
  readonly #pauses: readonly number[];

  /** @param pauses - milliseconds before each further try */
  constructor(transport: MailTransport, pauses: readonly number[] = PAUSES) {
    this.#transport = transport;
    this.#pauses = pauses;
  }

  /** Sends a mail. Never throws: one that cannot be sent is an event, by its subject, which holds nothing secret. */
  async send(audit: Audit, mail: Mail): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await inTime(this.#transport.send(mail));
        return;
      } catch (error) {
        const pause = this.#pauses[attempt];
        const details = { service: 'mail', subject: mail.subject, error: errorName(error) };
        if (pause === undefined) {
          audit('sys_service_unavailable', { ...details, reason: 'the mail was not sent' });
          return;
        }
        await wait(pause, undefined, { ref: false });
      }
    }
  }
}

async function inTime(sending: Promise<void>): Promise<void> {
  const late = new AbortController();
  try {
    await Promise.race([
      sending,
      wait(DEADLINE_MS, undefined, { signal: late.signal, ref: false }).then(() => {
        throw new DOMException('the mail server did not answer in time', 'TimeoutError');
      }),
    ]);
  } finally {
    late.abort();
    // If the wait was ended by the line above, nobody hears of it.
    sending.catch(() => undefined);
  }
}
