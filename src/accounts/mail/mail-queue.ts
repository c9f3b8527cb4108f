/** Hands mails to what sends them: again where it fails, and not for ever. */
import { BulwarkError, errorName } from '../../core/errors.ts';
import type { Audit, DetailsOf } from '../../core/events.ts';
import { Background } from '../background.ts';
import { fitsHeader, type Mail, type MailTransport } from './mail.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';

/** Pauses before another try, in milliseconds. */
const PAUSES: readonly number[] = [1000, 10_000, 60_000];
const DEADLINE_MS = 30_000;

/** What strangers ask for: whoever floods it gets in the way of others who ask, and of nobody else. */
const ASKED = { atOnce: 4, most: 1000 } as const;
/** What owners must hear, kept apart: a flood of requests must not hide that a password was changed. */
const NOTICES = { atOnce: 2, most: 1000 } as const;
/** Tries of either kind that go on, with those that were told to stop and did not. */
const MOST_OPEN = 16;

/** Notices of one kind to one owner that wait: who presses a button all day must not fill the place of all others. */
const MOST_ALIKE = 8;

const COMMAND = /^[A-Z][A-Z\d -]{1,31}$/;

/** How a mail queue works, where it is not by default. */
export interface MailQueuePace {
  /** Milliseconds before each further try. */
  readonly pauses?: readonly number[];
  /** Milliseconds that one try may take. */
  readonly deadlineMs?: number;
}

/** Sends the mails of one application. */
export class MailQueue {
  /** Looks up who is meant and writes to them, for requests that anyone can make. */
  readonly asked: Background;
  readonly #notices: Background;
  readonly #transport: MailTransport;
  readonly #audit: Audit;
  readonly #pauses: readonly number[];
  readonly #deadlineMs: number;
  readonly #tries = new Set<AbortController>();
  readonly #open = new Map<Background, number>();
  /** Notices on their way, by address and subject. */
  readonly #alike = new Map<string, number>();

  /** @param audit - for what belongs to no request */
  constructor(transport: MailTransport, audit: Audit, pace: MailQueuePace = {}) {
    this.#transport = transport;
    this.#audit = audit;
    this.#pauses = pace.pauses ?? PAUSES;
    this.#deadlineMs = pace.deadlineMs ?? DEADLINE_MS;
    const failed = (error: string): void =>
      audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', error, reason: 'a mail was not written' });
    const full = (waiting: number): void => {
      const reason = 'too many mails wait to be sent: whoever asks for one is told to come again';
      audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', waiting, reason });
    };
    this.asked = new Background(ASKED, { failed, full });
    this.#notices = new Background(NOTICES, { failed });
  }

  /**
   * Sends a mail that was asked for, from a task of `asked`. Returns after the first try: others come later. Never
   * throws: a mail that cannot be sent is an event, by its subject, which holds nothing secret.
   */
  async send(audit: Audit, mail: Mail): Promise<void> {
    await this.#try(this.asked, audit, mail, 0);
  }

  /**
   * Sends a mail to an owner of an account, whatever strangers ask for meanwhile.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL where too many of these wait, or eight of one kind for one owner
   */
  tell(audit: Audit, mail: Mail): void {
    const news = newsOf(mail);
    const alike = this.#alike.get(news) ?? 0;
    if (alike >= MOST_ALIKE) throw new BulwarkError('ERR_BULWARK_QUEUE_FULL', 'Too many of this kind wait.');
    this.#notices.add(() => this.#try(this.#notices, audit, mail, 0));
    this.#alike.set(news, alike + 1);
  }

  /** Waits until every mail is sent or given up, and keeps the process until then. */
  async settled(): Promise<void> {
    do {
      await this.asked.settled();
      await this.#notices.settled();
    } while (this.asked.held > 0 && !this.asked.closed);
  }

  /** Waits for what is on its way, no longer than told, and gives up the rest: one event says how much. */
  async close(graceMs: number): Promise<void> {
    const late = setTimeout(() => this.#giveUp(), graceMs);
    await this.settled();
    clearTimeout(late);
    this.#giveUp();
  }

  async #try(lane: Background, audit: Audit, mail: Mail, tried: number): Promise<void> {
    try {
      await this.#post(lane, mail);
      this.#over(lane, mail);
    } catch (error) {
      if (lane.closed) return;
      const pause = isPermanent(error) ? undefined : this.#pauses[tried];
      if (pause !== undefined) {
        lane.later(pause, () => this.#try(lane, audit, mail, tried + 1));
        return;
      }
      this.#over(lane, mail);
      const details = { service: 'mail', subject: mail.subject, tries: tried + 1, ...describe(error) };
      audit(ACCOUNTS_EVENTS.mailNotSent, { ...details, reason: 'the mail was not sent' });
    }
  }

  /** One try. One that is late is told to stop, and counted until it has: tries that hang must not pile up. */
  async #post(lane: Background, mail: Mail): Promise<void> {
    if (!fitsHeader(mail.to) || !fitsHeader(mail.subject)) throw new MailError('MailHeaderUnfit', true);
    if (this.#openOf(lane) >= MOST_OPEN) throw new MailError('MailTransportHangs', false);
    const cancel = new AbortController();
    const { signal } = cancel;
    const late = setTimeout(
      () => cancel.abort(new DOMException('the mail server did not answer in time', 'TimeoutError')),
      this.#deadlineMs,
    ).unref();
    this.#tries.add(cancel);
    this.#open.set(lane, this.#openOf(lane) + 1);
    const sending = Promise.try(() => this.#transport.send(mail, signal));
    const over = (): void => void this.#open.set(lane, this.#openOf(lane) - 1);
    sending.then(over, over);
    try {
      await Promise.race([sending, aborted(signal)]);
    } finally {
      clearTimeout(late);
      this.#tries.delete(cancel);
    }
  }

  /** A notice is on its way no longer: sent, or given up. */
  #over(lane: Background, mail: Mail): void {
    if (lane !== this.#notices) return;
    const news = newsOf(mail);
    const alike = (this.#alike.get(news) ?? 1) - 1;
    if (alike > 0) this.#alike.set(news, alike);
    else this.#alike.delete(news);
  }

  #openOf(lane: Background): number {
    return this.#open.get(lane) ?? 0;
  }

  #giveUp(): void {
    const lost = this.asked.close() + this.#notices.close();
    for (const cancel of this.#tries) cancel.abort(new DOMException('the process ends', 'AbortError'));
    if (lost === 0) return;
    const reason = 'the process ended before these mails were sent';
    this.#audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', lost, reason });
  }
}

/** What two notices have in common that say the same to the same owner. */
function newsOf({ to, subject }: Mail): string {
  return `${to}\n${subject}`;
}

class MailError extends Error {
  readonly permanent: boolean;

  constructor(name: string, permanent: boolean) {
    super('the mail cannot be sent');
    this.name = name;
    this.permanent = permanent;
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Whether another try would be refused as well: as the transport says, or by the server's answer (RFC 5321 4.2.1). */
function isPermanent(error: unknown): boolean {
  const { permanent, responseCode } = factsOf(error);
  if (typeof permanent === 'boolean') return permanent;
  return typeof responseCode === 'number' && responseCode >= 500 && responseCode < 600;
}

/** What failed, by codes and by the command of SMTP: a server's own words may repeat what was said to it. */
function describe(
  error: unknown,
): Pick<DetailsOf<typeof ACCOUNTS_EVENTS.mailNotSent>, 'error' | 'answer' | 'command'> {
  const { responseCode, command } = factsOf(error);
  return {
    error: errorName(error),
    ...(typeof responseCode === 'number' && { answer: responseCode }),
    ...(typeof command === 'string' && COMMAND.test(command) && { command }),
  };
}

interface ErrorFacts {
  readonly permanent?: unknown;
  readonly responseCode?: unknown;
  readonly command?: unknown;
}

function factsOf(error: unknown): ErrorFacts {
  return error instanceof Error ? (error as ErrorFacts) : {};
}
