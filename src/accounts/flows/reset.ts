/**
 * A forgotten password: a link by mail, a new password, and everyone out. It signs nobody in: whoever has only the
 * mailbox still meets the second factor.
 */
import { LINK_CALLS } from '../accounts.calls.ts';
import type { AccountVisit } from '../context.ts';
import type { LinkParts } from './link-parts.ts';
import { type EmailAddress, parseEmailAddress } from '../email-address.ts';
import { invitation, resetPassword } from '../mail/texts.ts';
import type { LinkPost } from '../mail/mail-token.ts';
import { hasMailQuota } from '../mail/mail-quota.ts';
import type { AskVerdict } from './registration.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import type { PasswordProblem } from '../../identity/passwords/passwords.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { tendMethods } from '../../core/tended.ts';

/** What became of a link to choose a new password. `link`: used, expired, none, or older than a change of password or address. */
export type ResetVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'link' }
  | { readonly ok: false; readonly reason: 'password'; readonly problems: readonly PasswordProblem[] };

/**
 * What a link stands and falls with: the mailbox it was sent to. A change of password takes all links away. With no more
 * than that: a thief who is signed in could void every link by changing something else.
 */
export interface ResetData {
  readonly email: string;
}

/** What goes with a link to reset the password of an account. */
export function resetData({ emailKey }: AccountRecord): ResetData {
  return { email: emailKey };
}

const MOST_CONFLICTS = 20;

/** NIST SP 800-63A-4 has a code that is sent to an address of mail live for a day at most. */
const INVITATION = { text: invitation, lifeMs: 86_400_000 };

/** Lets people choose a new password. */
export class Reset {
  readonly #parts: LinkParts;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /**
   * Asks for a link. The answer says nothing of who has an account.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL: answer 503 with `Retry-After`
   */
  ask(visit: AccountVisit, email: string): AskVerdict {
    LINK_CALLS.ask(visit, email);
    const address = parseEmailAddress(email);
    if (address === undefined) return { ok: false, reason: 'address' };
    this.#parts.context.background.add(() => this.#write(visit, address));
    return { ok: true };
  }

  /**
   * As {@link ask}, for an account that an operator just made for somebody: its mail does not speak of a forgotten password, which
   * nobody there has had, and its link lives a day, since whoever gets it does not wait for it.
   */
  invite(visit: AccountVisit, email: string): AskVerdict {
    LINK_CALLS.invite(visit, email);
    const address = parseEmailAddress(email);
    if (address === undefined) return { ok: false, reason: 'address' };
    this.#parts.context.background.add(() => this.#write(visit, address, INVITATION));
    return { ok: true };
  }

  /** Whose password a link resets; undefined where it does not work any more. */
  async look(token: string): Promise<{ readonly email: string } | undefined> {
    LINK_CALLS.look(token);
    const record = await this.#find(token);
    return record === undefined ? undefined : { email: record.email };
  }

  /** For a form with a link: handed to {@link finish}, it has a button that is pressed twice lead where it did once. */
  newForm(): string {
    return this.#parts.tokens.newForm();
  }

  /**
   * Puts the new password in the place of the old one, and ends every session of the account.
   *
   * @param form - what {@link newForm} gave to the page that this comes from
   */
  async finish(visit: AccountVisit, token: string, password: string, form?: string): Promise<ResetVerdict> {
    LINK_CALLS.finish(visit, token, password, form);
    const post: LinkPost = { token, form, typed: password };
    const verdict = await this.#finish(visit, post);
    if (verdict.ok || verdict.reason !== 'link') return verdict;
    return (await this.#parts.tokens.findDone('reset', post)) === undefined ? verdict : { ok: true };
  }

  async #finish(visit: AccountVisit, post: LinkPost): Promise<ResetVerdict> {
    const { token, typed: password } = post;
    const before = await this.#find(token);
    if (before === undefined) return { ok: false, reason: 'link' };
    const made = await this.#parts.credentials.hashNew(visit, before, password);
    if (!made.ok) return { ok: false, reason: 'password', problems: made.problems };
    let claimed = false;
    // Only then: neither a password that was refused nor a full queue must cost the link.
    const claim = async (): Promise<boolean> =>
      (claimed ||= (await this.#parts.tokens.take('reset', token)) !== undefined);
    // Whoever is signed in, and ought not to be, must not keep its owner out by changing the account all the time.
    let record: AccountRecord | undefined = before;
    for (let conflict = 0; conflict < MOST_CONFLICTS && record !== undefined; conflict += 1) {
      const change = { passwordHash: made.hash };
      const changed = await this.#parts.credentials.change(visit, record, change, 'password-reset', claim);
      if (changed === 'changed') {
        await this.#parts.tokens.noteDone('reset', post, before.id);
        return { ok: true };
      }
      if (!claimed) break;
      record = await this.#account(before.id, resetData(before));
      // Another link, or its owner, was faster.
      if (record?.passwordHash !== before.passwordHash) break;
    }
    return { ok: false, reason: 'link' };
  }

  /** The account of a link that works. */
  async #find(token: string): Promise<AccountRecord | undefined> {
    const found = await this.#parts.tokens.find('reset', token);
    return found === undefined
      ? undefined
      : await this.#account(found.subject, JSON.parse(found.data) as ResetData);
  }

  async #account(id: string, { email }: ResetData): Promise<AccountRecord | undefined> {
    const record = await this.#parts.context.store.find(id);
    return record?.disabledAt === undefined && record?.emailKey === email ? record : undefined;
  }

  async #write(visit: AccountVisit, address: EmailAddress, invite?: typeof INVITATION): Promise<void> {
    const { store, settings, mail } = this.#parts.context;
    if (!(await hasMailQuota(this.#parts.context, visit, address, 'reset'))) return;
    const record = await store.findByEmail(address.key);
    if (record === undefined || record.disabledAt !== undefined) return;
    const sender = this.#parts.notices.senderFor(visit);
    const { text, lifeMs } = invite ?? { text: resetPassword, lifeMs: settings.resetFor };
    const kept = await this.#parts.tokens.issue('reset', record.id, resetData(record), lifeMs, (token) => {
      const path = `/reset/confirm?token=${token}`;
      return mail.seal(text(sender, record.email, path, lifeMs), lifeMs);
    });
    visit.audit(ACCOUNTS_EVENTS.linkMade, { account: record.id, kind: 'link to reset the password' });
    await mail.send(visit.audit, kept);
  }

  static {
    tendMethods(Reset, (its) => its.#parts.context.audit);
  }
}
