/** What mails say. Each says why it comes and what to do if it was somebody else who asked. */
import type { WordKey } from '../words/english.ts';
import type { Wording } from '../words/wording.ts';
import type { Mail } from './mail.ts';

/** A service as its mails name it. */
export interface Sender {
  /** What people call the service. */
  readonly name: string;
  readonly words: Wording;
  /** Makes a whole link of a path. */
  link(path: string): string;
}

/** Whom a mail about an account goes to. */
export interface Notice {
  readonly to: string;
  /** When it happened, as people read it. */
  readonly when: string;
  /** From where: an address and a browser. */
  readonly where: string;
}

/** What owners are told in one line. */
export type News = Exclude<Extract<WordKey, `mail.news.${string}`>, 'mail.news.what'>;

/** To confirm an address, and go on to choose a password. @param lifeMs - how long the link works, here and below */
export function confirmRegistration(sender: Sender, to: string, path: string, lifeMs: number): Mail {
  const say = speaker(sender, { life: sender.words.life(lifeMs) });
  return write(sender, to, say('mail.confirm.subject'), [
    say('mail.confirm.why'),
    say('mail.confirm.link'),
    sender.link(path),
    say('mail.confirm.else'),
  ]);
}

/** To someone who has an account and asks for another. */
export function alreadyRegistered(sender: Sender, to: string, reset: string, lifeMs: number): Mail {
  const say = speaker(sender, { life: sender.words.life(lifeMs), link: sender.link('/login') });
  return write(sender, to, say('mail.registered.subject'), [
    say('mail.registered.why'),
    say('mail.registered.signIn'),
    say('mail.registered.link'),
    sender.link(reset),
    say('mail.registered.else'),
  ]);
}

/** To choose a new password. */
export function resetPassword(sender: Sender, to: string, path: string, lifeMs: number): Mail {
  const say = speaker(sender, { life: sender.words.life(lifeMs) });
  return write(sender, to, say('mail.reset.subject'), [
    say('mail.reset.why'),
    say('mail.reset.link'),
    sender.link(path),
    say('mail.reset.else'),
  ]);
}

/** To choose the first password of an account that somebody else made. */
export function invitation(sender: Sender, to: string, path: string, lifeMs: number): Mail {
  const say = speaker(sender, { life: sender.words.life(lifeMs), forgot: sender.link('/reset') });
  return write(sender, to, say('mail.invite.subject'), [
    say('mail.invite.why'),
    say('mail.invite.link'),
    sender.link(path),
    say('mail.invite.late'),
    say('mail.invite.else'),
  ]);
}

/** To confirm the new address of an account. */
export function confirmNewEmail(sender: Sender, to: string, path: string, lifeMs: number): Mail {
  const say = speaker(sender, { life: sender.words.life(lifeMs) });
  return write(sender, to, say('mail.newEmail.subject'), [
    say('mail.newEmail.why'),
    say('mail.newEmail.link'),
    sender.link(path),
    say('mail.newEmail.else'),
  ]);
}

/** To the owner of an address that somebody wanted for another account. */
export function addressIsTaken(sender: Sender, to: string): Mail {
  const say = speaker(sender, { link: sender.link('/login') });
  return write(sender, to, say('mail.taken.subject'), [say('mail.taken.why'), say('mail.taken.else')]);
}

/** To the old address: another one is asked for. */
export function emailChangeAsked(sender: Sender, notice: Notice, next: string): Mail {
  const say = speaker(sender, { email: next });
  return tell(sender, notice, say('mail.emailAsked.subject'), [say('mail.emailAsked.what')]);
}

/** To the old address: another one has its place. */
export function emailChanged(sender: Sender, notice: Notice, next: string): Mail {
  const say = speaker(sender, { email: next });
  return tell(sender, notice, say('mail.emailChanged.subject'), [say('mail.emailChanged.what')]);
}

/** Writes that a credential was changed. */
export function newsOf(what: News): (sender: Sender, notice: Notice) => Mail {
  return (sender, notice) => {
    const news = sender.words.say(what);
    return tell(sender, notice, news, [speaker(sender, { news })('mail.news.what')]);
  };
}

/** What is told of a token: nothing that its maker chose freely. */
export interface MadeToken {
  /** Its first characters. */
  readonly hint: string;
  readonly scopes: readonly string[];
  /** When it ends. */
  readonly expiresAt: number;
}

/** A program may act for the account from now on. */
export function tokenMade(sender: Sender, notice: Notice, { hint, scopes, expiresAt }: MadeToken): Mail {
  const day = sender.words.day(expiresAt);
  const link = sender.link('/account/tokens');
  const say = speaker(sender, { hint, day, scopes: scopes.join(', '), link });
  return tell(sender, notice, say('mail.token.subject'), [
    say('mail.token.what'),
    say('mail.token.may'),
    say('mail.token.see'),
  ]);
}

/** A new password by a mailed link. */
export function passwordReset(sender: Sender, notice: Notice): Mail {
  const say = speaker(sender, { link: sender.link('/account') });
  return tell(sender, notice, say('mail.news.passwordChanged'), [
    say('mail.passwordReset.what'),
    say('mail.passwordReset.stays'),
    say('mail.passwordReset.look'),
  ]);
}

/** A sign-in from a browser that was not seen before. */
export function newDevice(sender: Sender, notice: Notice): Mail {
  const say = speaker(sender, {});
  return tell(sender, notice, say('mail.newDevice.subject'), [say('mail.newDevice.what')]);
}

/** Somebody guesses. */
export function guessed(sender: Sender, notice: Notice): Mail {
  const say = speaker(sender, {});
  const lines = [say('mail.guessed.what'), say('mail.guessed.else'), sender.link('/reset')];
  return tell(sender, notice, say('mail.guessed.subject'), lines);
}

/** The last mail to an account. What became of it needs no steps that only its owner could take. */
export function accountRemoved(sender: Sender, { to, when }: Notice): Mail {
  const news = sender.words.say('mail.removed.subject');
  const say = speaker(sender, { news });
  return write(sender, to, say('mail.notice.subject'), [
    say('mail.removed.what'),
    when,
    say('mail.removed.else'),
  ]);
}

/** Its owner asked for its removal: for whoever did not, and for whoever thinks again. */
export function deletionAsked(sender: Sender, { to, when, where }: Notice, at: number): Mail {
  const news = sender.words.say('mail.deletion.subject');
  const say = speaker(sender, { news, day: sender.words.day(at), link: sender.link('/login') });
  return write(sender, to, say('mail.notice.subject'), [
    say('mail.deletion.what'),
    `${when}\n${where}`,
    say('mail.deletion.keep'),
  ]);
}

/** An operator asked to remove what protects the account beside its password. From where is no business of its owner. */
export function factorsResetAsked(sender: Sender, { to, when }: Notice): Mail {
  const news = sender.words.say('mail.factorsAsked.subject');
  const say = speaker(sender, { news, link: sender.link('/reset') });
  return write(sender, to, say('mail.notice.subject'), [
    say('mail.factorsAsked.what'),
    when,
    say('mail.factorsAsked.else'),
  ]);
}

/** It is removed. */
export function factorsReset(sender: Sender, { to, when }: Notice): Mail {
  const news = sender.words.say('mail.factorsReset.subject');
  const say = speaker(sender, { news, account: sender.link('/account'), link: sender.link('/reset') });
  return write(sender, to, say('mail.notice.subject'), [
    say('mail.factorsReset.what'),
    when,
    say('mail.factorsReset.else'),
  ]);
}

function tell(sender: Sender, notice: Notice, news: string, lines: readonly string[]): Mail {
  const say = speaker(sender, { news, link: sender.link('/reset') });
  return write(sender, notice.to, say('mail.notice.subject'), [
    ...lines,
    `${notice.when}\n${notice.where}`,
    say('mail.notice.else'),
    say('mail.notice.look'),
  ]);
}

/** Says sentences in which the service is named. */
function speaker(
  { name, words }: Sender,
  values: Readonly<Record<string, string>>,
): (key: WordKey) => string {
  const all = { service: name, ...values };
  return (key) => words.fill(key, all);
}

function write(sender: Sender, to: string, subject: string, paragraphs: readonly string[]): Mail {
  return { to, subject, text: `${paragraphs.join('\n\n')}\n\n-- \n${sender.name}\n${sender.link('/')}\n` };
}
