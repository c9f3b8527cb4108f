/** Mail on a laptop: to the terminal, and to a page. Refused in production, where it would show everybody's links. */
import type { Mail, MailTransport } from './mail.ts';

/** A mail that was not sent. */
export interface ShownMail extends Mail {
  /** Milliseconds since 1970. */
  readonly at: number;
}

const MOST_MAILS = 50;

/** Shows mails instead of sending them. */
export class DevelopmentMail implements MailTransport {
  readonly #write: (text: string) => void;
  #mails: ShownMail[] = [];

  /** @param write - shows a text; default: the terminal */
  constructor(write: (text: string) => void = (text) => void process.stdout.write(text)) {
    this.#write = write;
  }

  /** The last fifty, newest first. */
  get mails(): readonly ShownMail[] {
    return this.#mails;
  }

  /** Keeps a mail for its page and prints it. Nothing leaves this machine. */
  async send(mail: Mail): Promise<void> {
    this.#mails = [{ ...mail, at: Date.now() }, ...this.#mails].slice(0, MOST_MAILS);
    const text = mail.text.replaceAll(/^/gm, '  | ');
    this.#write(`\n  Mail to ${mail.to}: ${mail.subject}\n${text}\n\n`);
    await Promise.resolve();
  }
}
