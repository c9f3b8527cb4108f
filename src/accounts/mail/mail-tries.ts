/** One try to send a mail: within a time, and not too many that hang. */
import { errorName } from '../../core/errors.ts';
import type { DetailsOf } from '../../core/events.ts';
import type { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { fitsHeader, type Mail, type MailTransport } from './mail.ts';

/** Tries of one lane that go on, with those that were told to stop and did not. */
const MOST_OPEN = 16;

const COMMAND = /^[A-Z][A-Z\d -]{1,31}$/;

/** Tries that go on. */
export class MailTries {
  readonly #transport: MailTransport;
  readonly #deadlineMs: number;
  readonly #open = new Set<AbortController>();
  readonly #openOf = new Map<object, number>();

  constructor(transport: MailTransport, deadlineMs: number) {
    this.#transport = transport;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * One try. One that is late is told to stop, and counted until it has: tries that hang must not pile up.
   *
   * @param lane - of whose tries no more than so many go on
   */
  async post(lane: object, mail: Mail): Promise<void> {
    if (!fitsHeader(mail.to) || !fitsHeader(mail.subject)) throw new MailError('MailHeaderUnfit', true);
    const open = this.#openOf.get(lane) ?? 0;
    if (open >= MOST_OPEN) throw new MailError('MailTransportHangs', false);
    const cancel = new AbortController();
    const { signal } = cancel;
    const late = setTimeout(
      () => cancel.abort(new DOMException('the mail server did not answer in time', 'TimeoutError')),
      this.#deadlineMs,
    ).unref();
    this.#open.add(cancel);
    this.#openOf.set(lane, open + 1);
    const sending = Promise.try(() => this.#transport.send(mail, signal));
    const over = (): void => void this.#openOf.set(lane, (this.#openOf.get(lane) ?? 1) - 1);
    sending.then(over, over);
    try {
      await Promise.race([sending, aborted(signal)]);
    } finally {
      clearTimeout(late);
      this.#open.delete(cancel);
    }
  }

  /** Tells every try to stop. */
  abort(): void {
    for (const cancel of this.#open) cancel.abort(new DOMException('the process ends', 'AbortError'));
  }
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
export function isPermanent(error: unknown): boolean {
  const { permanent, responseCode } = factsOf(error);
  if (typeof permanent === 'boolean') return permanent;
  return typeof responseCode === 'number' && responseCode >= 500 && responseCode < 600;
}

/** What failed, by codes and by the command of SMTP: a server's own words may repeat what was said to it. */
export function describeMailError(
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
