/** Mails to the owner of an account about what happened to it, sent after the answer. */
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import type { AccountsContext, AccountVisit, SeenFrom } from '../context.ts';
import type { Wording } from '../words/wording.ts';
import type { Mail } from './mail.ts';
import type { KeptMail } from './outbox.ts';
import type { Notice, Sender } from './texts.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';

/** Writes one mail. */
export type NoticeText = (sender: Sender, notice: Notice) => Mail;

/** A notice that is stored before what it tells of. */
export interface NoticeAhead {
  /** It happened: the owner is told. */
  post(): void;
  /** It did not: nobody is. */
  drop(): Promise<void>;
}

/** Tells owners. */
export class Notices {
  readonly #context: AccountsContext;
  readonly #origin: string | undefined;
  readonly #base: string;

  /**
   * @param origin - of the policy; without one, links lead to the server that has the request
   * @param base - what stands before the paths of the account pages
   */
  constructor(context: AccountsContext, origin: string | undefined, base: string) {
    this.#context = context;
    this.#origin = origin;
    this.#base = base;
  }

  /** Who the mails are from that a request asks for: in the language that it would have a page in. */
  senderFor(visit: AccountVisit): Sender {
    return this.#sender(visit, this.#context.wordings.of(visit.acceptLanguage));
  }

  #sender({ server }: SeenFrom, words: Wording): Sender {
    const site = this.#origin ?? server ?? 'http://localhost:3000';
    // The last line of a mail leads to the first page of the site, which is not ours.
    const link = (path: string): string => (path === '/' ? `${site}/` : `${site}${this.#base}${path}`);
    return { name: this.#context.name, words, link };
  }

  /**
   * A notice to the owner of an account, to be stored by the write that it tells of and sent by {@link post}.
   *
   * @param to - another address than the one the account has now
   */
  write(
    visit: SeenFrom,
    record: Pick<AccountRecord, 'email'>,
    text: NoticeText,
    to: string = record.email,
  ): KeptMail {
    const { mail, clock } = this.#context;
    // In a language of the service, whatever the browser of a thief asks for.
    const words = this.#context.wordings.first;
    const sender = this.#sender(visit, words);
    const when = words.say('mail.notice.when', { time: words.time(clock()) });
    const { address } = visit.client;
    const where = words.say('mail.notice.where', { address, device: words.device(visit.userAgent) });
    return mail.sealNotice(text(sender, { to, when, where }));
  }

  /**
   * Sends a notice that is stored. The change is made already: where too many mails wait, the log says that this one is
   * missing, and nobody is told that the change failed.
   */
  post(visit: SeenFrom, { id }: Pick<AccountRecord, 'id'>, kept: KeptMail): void {
    try {
      this.#context.mail.tell(visit.audit, kept);
    } catch {
      const lost = { account: id, subject: kept.mail.subject };
      const reason = 'the mail was not sent: too many wait to be sent';
      visit.audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', ...lost, reason });
    }
  }

  /**
   * Makes a change that no write brings together with its notice: of another store, or of several. The notice is stored
   * before it and sent after it. Where this process is killed in between, another sends it: none is lost, and in that
   * moment one may tell of what was not done.
   *
   * @param change - says by `notMade` that nothing changed, or that it was undone: then nobody is told. What it throws
   * without that leaves open whether it was made, and its owner hears of it
   * @throws StoreDownError where the notice cannot be stored: the change is not tried then
   */
  async tellOf<T>(
    visit: SeenFrom,
    record: Pick<AccountRecord, 'id' | 'email'>,
    text: NoticeText,
    change: (notMade: () => void) => Promise<T>,
  ): Promise<T> {
    const notice = await this.writeAhead(visit, record, text);
    let made = true;
    try {
      return await change(() => {
        made = false;
      });
    } finally {
      if (made) notice.post();
      else await notice.drop();
    }
  }

  /** Stores a notice before what it tells of, as {@link tellOf} does. Whoever has it posts or drops it, whatever comes. */
  async writeAhead(
    visit: SeenFrom,
    record: Pick<AccountRecord, 'id' | 'email'>,
    text: NoticeText,
  ): Promise<NoticeAhead> {
    const { mail } = this.#context;
    const kept = this.write(visit, record, text);
    await mail.storeAhead(kept);
    return {
      post: () => this.post(visit, record, kept),
      drop: async () => mail.drop(kept),
    };
  }
}
