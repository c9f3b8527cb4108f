/** How Strongroom sends mail. */
import { DevelopmentMail, type MailTransport, smtp } from 'bulwark/accounts';
import { type Settings, SettingsError } from './settings.ts';

const CONNECT_MS = 10_000;
const SILENT_MS = 20_000;
/** How long a mail server gets to close its side: it must not hold a process that ends. */
const HANG_UP_MS = 1000;
const THIS_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Sends by the server of `SMTP_URL`; without one, shows mails in the terminal and at `/dev/mail`.
 *
 * @throws SettingsError in production without one: links that open accounts would be shown to everybody
 */
export async function openMail(
  { smtpUrl, mailFrom }: Settings,
  environment: 'production' | 'development',
): Promise<MailTransport> {
  if (smtpUrl === undefined) {
    if (environment === 'development') return new DevelopmentMail();
    throw new SettingsError(
      'SMTP_URL is missing: in production, accounts are confirmed and passwords reset by mail. Write one such as ' +
        'SMTP_URL=smtps://user:password@mail.example.com:465, or name a file that holds it by SMTP_URL_FILE',
    );
  }
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
