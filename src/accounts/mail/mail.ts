/** Mail, and what sends it. */
import { anyText, call, callback, made } from '../../core/call.ts';

/** One mail, in plain text: nothing in it is loaded, and nothing in it can be made to look like something else. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * Sends mail. It may fail or hang: whoever calls it tries again, and waits no longer than it should. An error whose
 * `permanent` is true, or whose `responseCode` is an answer of SMTP from 500 on, is not tried again.
 */
export interface MailTransport {
  /**
   * Resolves once the mail server has taken the mail; rejects where it has not.
   *
   * @param signal - aborted where nobody waits any more: end the connection, and reject
   */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
}

/** What is used of a transporter of nodemailer. */
export interface NodemailerTransport {
  sendMail(message: {
    readonly from: string;
    readonly to: { readonly name: string; readonly address: string };
    readonly subject: string;
    readonly text: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Heeded by nodemailer from 10 on, over SMTP. */
    readonly signal: AbortSignal;
  }): Promise<unknown>;
}

/**
 * Sends by nodemailer: `smtp(createTransport(process.env.SMTP_URL), 'Strongroom <no-reply@example.com>')`.
 *
 * @param from - what people see as the sender
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where that is more than one line
 */
export function smtp(transporter: NodemailerTransport, from: string): MailTransport {
  checkSmtp(transporter, from);
  return {
    async send({ to, subject, text }, signal) {
      await transporter.sendMail({
        from,
        // As an object: a list of addresses in one text would be taken apart, and sent to all of them.
        to: { name: '', address: to },
        subject,
        text,
        // No answers from robots that are on holiday, which would tell where the mail went (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        signal,
      });
    },
  };
}

/** Whether a text stays in its header: a line break begins another one (CWE-93), the rest has no business there. */
export function fitsHeader(text: string): boolean {
  return !CONTROL.test(text);
}

const checkSmtp = call("smtp(createTransport(process.env.SMTP_URL), 'App <no-reply@example.com>')", {
  transporter: made('a transporter of nodemailer', { sendMail: callback }),
  from: (value) => anyText(value) ?? (fitsHeader(value as string) ? undefined : ONE_LINE),
});
const ONE_LINE = { path: '', reason: 'it must be one line' } as const;

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
