/** A new address: confirmed by a link to it, told to the old one, and the same answer whether it is taken or not. */
import { LINK_CALLS } from '../accounts.calls.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import type { AccountVisit } from '../context.ts';
import type { LinkParts } from './link-parts.ts';
import { type EmailAddress, parseEmailAddress } from '../email-address.ts';
import { addressIsTaken, confirmNewEmail, emailChangeAsked } from '../mail/texts.ts';
import type { LinkPost } from '../mail/mail-token.ts';
import type { NoticeText } from '../mail/notices.ts';
import { hasMailQuota } from '../mail/mail-quota.ts';
import type { AskVerdict } from './registration.ts';
import { tendMethods } from '../../core/tended.ts';

interface Wanted {
  readonly shown: string;
  readonly version: number;
}

/** Lets people change the address of their account. Have them prove who they are first (`require: { fresh: '15m' }`). */
export class ChangeEmail {
  readonly #parts: LinkParts;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /**
   * Asks for a new address.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL: answer 503 with `Retry-After`
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where the session of the visit ended meanwhile
   */
  async ask(visit: AccountVisit, record: AccountRecord, email: string): Promise<AskVerdict> {
    LINK_CALLS.askChange(visit, record, email);
    const address = parseEmailAddress(email);
    if (address === undefined) return { ok: false, reason: 'address' };
    await visit.session.confirm();
    this.#parts.context.background.add(() => this.#write(visit, record, address));
    return { ok: true };
  }

  /** The address that a link confirms; undefined where it does not work any more. */
  async look(token: string): Promise<string | undefined> {
    LINK_CALLS.look(token);
    return (await this.#read(token))?.address.shown;
  }

  /** For a form with a link: handed to {@link finish}, it has a button that is pressed twice lead where it did once. */
  newForm(): string {
    return this.#parts.tokens.newForm();
  }

  /**
   * Gives the account its new address. False: the link does not work any more, or the address was taken meanwhile.
   *
   * @param form - what {@link newForm} gave to the page that this comes from
   */
  async finish(visit: AccountVisit, token: string, form?: string): Promise<boolean> {
    LINK_CALLS.finishChange(visit, token, form);
    const post: LinkPost = { token, form, typed: '' };
    return (
      (await this.#finish(visit, post)) ||
      (await this.#parts.tokens.findDone('change-email', post)) !== undefined
    );
  }

  async #finish(visit: AccountVisit, post: LinkPost): Promise<boolean> {
    const { token } = post;
    const read = await this.#read(token);
    if (read === undefined) return false;
    const { record, address } = read;
    const change = { email: address.shown, emailKey: address.key };
    const claim = async (): Promise<boolean> =>
      (await this.#parts.tokens.take('change-email', token)) !== undefined;
    const outcome = await this.#parts.credentials.change(visit, record, change, 'email-changed', claim);
    if (outcome === 'changed') await this.#parts.tokens.noteDone('change-email', post, record.id);
    return outcome === 'changed';
  }

  async #read(token: string): Promise<{ record: AccountRecord; address: EmailAddress } | undefined> {
    const found = await this.#parts.tokens.find('change-email', token);
    if (found === undefined) return undefined;
    const wanted = JSON.parse(found.data) as Wanted;
    const record = await this.#parts.context.store.find(found.subject);
    const address = parseEmailAddress(wanted.shown);
    if (record === undefined || address === undefined || record.version !== wanted.version) return undefined;
    return record.disabledAt === undefined ? { record, address } : undefined;
  }

  async #write(visit: AccountVisit, record: AccountRecord, address: EmailAddress): Promise<void> {
    const { store, settings, mail } = this.#parts.context;
    if (!(await hasMailQuota(this.#parts.context, visit, address, 'change-email', record.id))) return;
    const sender = this.#parts.notices.senderFor(visit);
    const { confirmFor } = settings;
    const other = await store.findByEmail(address.key);
    if (other !== undefined && other.id !== record.id) {
      const taken = mail.seal(addressIsTaken(sender, other.email), confirmFor);
      await mail.store(taken);
      await mail.send(visit.audit, taken);
      return;
    }
    const wanted: Wanted = { shown: address.shown, version: record.version };
    const asked: NoticeText = (from, notice) => emailChangeAsked(from, notice, address.shown);
    const kept = await this.#parts.notices.tellOf(visit, record, asked, () =>
      this.#parts.tokens.issue('change-email', record.id, wanted, confirmFor, (token) => {
        const path = `/account/email/confirm?token=${token}`;
        return mail.seal(confirmNewEmail(sender, address.shown, path, confirmFor), confirmFor);
      }),
    );
    await mail.send(visit.audit, kept);
  }

  static {
    tendMethods(ChangeEmail, (its) => its.#parts.context.audit);
  }
}
