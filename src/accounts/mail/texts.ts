/** What mails say. Each says why it comes and what to do if it was somebody else who asked. */
import type { Mail } from './mail.ts';

/** A service as its mails name it. */
export interface Sender {
  /** What people call the service. */
  readonly name: string;
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

/** To confirm an address, and go on to choose a password. */
export function confirmRegistration(sender: Sender, to: string, path: string, life: string): Mail {
  return write(sender, to, `Confirm your address for ${sender.name}`, [
    `Someone, we hope you, wants to make an account at ${sender.name} with this address.`,
    `Open this link to choose a password. It works once, for ${life}:`,
    sender.link(path),
    'If it was not you, do nothing: without this link no account is made.',
  ]);
}

/** To someone who has an account and asks for another. */
export function alreadyRegistered(sender: Sender, to: string, reset: string, life: string): Mail {
  return write(sender, to, `You have an account at ${sender.name}`, [
    `Someone, we hope you, wanted to make an account at ${sender.name} with this address. It has one.`,
    `Sign in here: ${sender.link('/login')}`,
    `Or choose a new password. This link works once, for ${life}:`,
    sender.link(reset),
    'If it was not you, do nothing: your account is as it was.',
  ]);
}

/** To choose a new password. */
export function resetPassword(sender: Sender, to: string, path: string, life: string): Mail {
  return write(sender, to, `Choose a new password for ${sender.name}`, [
    `Someone, we hope you, has forgotten the password of this account at ${sender.name}.`,
    `Open this link to choose a new one. It works once, for ${life}:`,
    sender.link(path),
    'If it was not you, do nothing: your password is as it was.',
  ]);
}

/** To confirm the new address of an account. */
export function confirmNewEmail(sender: Sender, to: string, path: string, life: string): Mail {
  return write(sender, to, `Confirm your new address for ${sender.name}`, [
    `Someone, we hope you, wants an account at ${sender.name} to have this address from now on.`,
    `Open this link to confirm it. It works once, for ${life}:`,
    sender.link(path),
    'If it was not you, do nothing: no account gets your address without it.',
  ]);
}

/** To the owner of an address that somebody wanted for another account. */
export function addressIsTaken(sender: Sender, to: string): Mail {
  return write(sender, to, `Your address at ${sender.name}`, [
    `Someone with another account at ${sender.name} wanted it to have this address. It is yours, and stays so.`,
    `If it was you, and you want to move it, sign in to this account first: ${sender.link('/login')}`,
  ]);
}

/** To the old address: another one is asked for. */
export function emailChangeAsked(sender: Sender, notice: Notice, next: string): Mail {
  return tell(sender, notice, 'A new address for your account was asked for', [
    `Once it is confirmed, your account at ${sender.name} has the address ${next}, and this one is no longer used.`,
  ]);
}

/** To the old address: another one has its place. */
export function emailChanged(sender: Sender, notice: Notice, next: string): Mail {
  return tell(sender, notice, 'The address of your account was changed', [
    `Your account at ${sender.name} has the address ${next} now. This is the last mail to this one.`,
  ]);
}

/** A credential was changed. */
export function credentialChanged(sender: Sender, notice: Notice, what: string): Mail {
  return tell(sender, notice, what, [`${what}: at ${sender.name}, for the account with this address.`]);
}

/** What is told of a token: nothing that its maker chose freely. */
export interface MadeToken {
  /** Its first characters. */
  readonly hint: string;
  readonly scopes: readonly string[];
  /** The day of its end. */
  readonly until: string;
}

/** A program may act for the account from now on. */
export function tokenMade(sender: Sender, notice: Notice, { hint, scopes, until }: MadeToken): Mail {
  return tell(sender, notice, 'An API token was made', [
    `An API token was made at ${sender.name}, for the account with this address. It begins with ${hint}.`,
    `Until ${until}, a program that has it may do this for you: ${scopes.join(', ')}.`,
    `See and revoke your tokens here: ${sender.link('/account/tokens')}`,
  ]);
}

/** A new password by a mailed link. */
export function passwordReset(sender: Sender, notice: Notice): Mail {
  return tell(sender, notice, 'Your password was changed', [
    `A new password was chosen by a mailed link: at ${sender.name}, for the account with this address.`,
    'Everyone is signed out, and tokens of programs work no more. Passkeys, authenticator apps and sign-in by other services are as they were:',
    `look through them here, and remove what is not yours: ${sender.link('/account')}`,
  ]);
}

/** A sign-in from a browser that was not seen before. */
export function newDevice(sender: Sender, notice: Notice): Mail {
  return tell(sender, notice, 'A new sign-in to your account', [
    `Someone signed in to your account at ${sender.name} from a browser that it was not used from before.`,
  ]);
}

/** Somebody guesses. */
export function guessed(sender: Sender, notice: Notice): Mail {
  return tell(sender, notice, 'Someone is guessing your password', [
    `So many wrong passwords were tried for your account at ${sender.name} that from now on no password is taken from a new browser.`,
    'Browsers you have signed in from before still work. Everywhere else, choose a new password first:',
    sender.link('/reset'),
  ]);
}

function tell(sender: Sender, notice: Notice, subject: string, lines: readonly string[]): Mail {
  return write(sender, notice.to, `${subject} (${sender.name})`, [
    ...lines,
    `When: ${notice.when}\nFrom: ${notice.where}`,
    `If it was you, all is well. If not, choose a new password by mail at once, which signs out everyone and ends the tokens of programs: ${sender.link('/reset')}`,
    'Then look through the passkeys and other ways to sign in on the page of your account, and remove what is not yours.',
  ]);
}

function write(sender: Sender, to: string, subject: string, paragraphs: readonly string[]): Mail {
  return { to, subject, text: `${paragraphs.join('\n\n')}\n\n-- \n${sender.name}\n${sender.link('/')}\n` };
}
