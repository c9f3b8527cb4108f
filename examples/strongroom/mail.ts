/** How Strongroom sends mail. */
import { type MailTransport, smtp } from 'bulwark/accounts';
import type { Settings } from './settings.ts';

const CONNECT_MS = 10_000;
const SILENT_MS = 20_000;
/** How long a mail server gets to close its side: it must not hold a process that ends. */
const HANG_UP_MS = 1000;
const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What the operator of a production server writes, whose policy has no mail. */
export const NO_SMTP: string =
  'SMTP_URL is missing: in production, accounts are confirmed and passwords reset by mail. Write one such as ' +
  'SMTP_URL=smtps://user:password@mail.example.com:465, or name a file that holds it by SMTP_URL_FILE';

/** Sends by the server of `SMTP_URL`. Undefined: there is none, and in development mails are shown at `/dev/mail`. */
export async function openMail({ smtpUrl, mailFrom }: Settings): Promise<MailTransport | undefined> {
  if (smtpUrl === undefined) return undefined;
  // Imported where it is needed: a start without it loads no client of SMTP.
  const { createTransport } = await import('nodemailer');
  const transporter = createTransport({
    url: smtpUrl,
    // Whoever is in between must not be able to leave encryption out, and read the links.
    requireTLS: !THIS_MACHINE.has(new URL(smtpUrl).hostname),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    socketCloseTimeout: HANG_UP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return smtp(transporter, mailFrom);
}
