import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeCertificate } from '../../test/support/certificate.ts';
import { type MailServer, type MailServerOptions, startMailServer } from '../../test/support/mail-server.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { until } from '../../test/support/until.ts';
import { Visitor } from '../../test/support/visitor.ts';
import type { MailTransport } from 'bulwark/accounts';
import { memory } from 'bulwark/memory';
import { openMail } from './mail.ts';
import { startServer } from './server.ts';
import { readSettings } from './settings.ts';
import { startProgram, temporaryDirectory } from './testing/running.ts';

const EMAIL = 'anna@example.com';
const HEADERS = [
  'Auto-Submitted',
  'Content-Transfer-Encoding',
  'Content-Type',
  'Date',
  'From',
  'MIME-Version',
  'Message-ID',
  'Subject',
  'To',
  'X-Auto-Response-Suppress',
];
/** An address of this machine that is not among those to which mail may go in the open. */
const ELSEWHERE = '127.0.0.2';

interface Office {
  readonly mail: MailServer;
  readonly url: string;
  readonly person: Visitor;
  /** What the log has about mail. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Strongroom in this process, on memory, with a mail server of its own. */
async function open(t: TestContext, options: MailServerOptions = {}): Promise<Office> {
  const mail = await startMailServer(options);
  const directory = temporaryDirectory();
  const events: Readonly<Record<string, unknown>>[] = [];
  const settings = readSettings({ PORT: '0', STRONGROOM_DATA: directory.path, SMTP_URL: mail.url });
  const running = await startServer(
    {
      environment: 'development',
      state: memory(),
      proxy: { trusted: ['127.0.0.1'] },
      secrets: fixedSecrets(TEST_SECRET),
      audit: { sink: (line) => void (line.includes('"service":"mail"') && events.push(eventOf(line))) },
      accounts: { name: 'Strongroom', mail: (await openMail(settings)) as MailTransport },
    },
    settings,
  );
  t.after(async () => {
    await running.close();
    await mail.stop();
    directory.remove();
  });
  return { mail, url: running.url, person: new Visitor(running.url), events };
}

function eventOf(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line) as Readonly<Record<string, unknown>>;
}

function sent(commands: readonly string[]): readonly string[] {
  return commands.filter((command) => /^(?:TLS )?(?:AUTH|MAIL|RCPT|DATA)/i.test(command));
}

test('a mail server that offers no encryption gets no mail, and the log says what it refused', async (t) => {
  const answer = (command: string): string | undefined =>
    /^STARTTLS/i.test(command) ? '502 not here' : undefined;
  const { mail, person, events } = await open(t, { host: ELSEWHERE, answer });
  await person.submit('/register', '/register', { email: EMAIL });
  await until('the log says so', () => events.length > 0);
  assert.match(JSON.stringify(events), /"ETLS".*"answer":502.*"STARTTLS".*was not sent/);
  assert.deepEqual([sent(mail.commands), mail.mails], [[], []]);
});

test('a mail server that offers encryption gets mails by it alone', async (t) => {
  const tls = makeCertificate(ELSEWHERE);
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, tls.cert.toString()]);
  t.after(() => setDefaultCACertificates(before));
  const { mail, person } = await open(t, { host: ELSEWHERE, tls });
  await person.submit('/register', '/register', { email: EMAIL });
  await mail.link(EMAIL);
  const commands = sent(mail.commands);
  assert.equal(commands.length, 3);
  assert.deepEqual(
    commands.filter((command) => !command.startsWith('TLS ')),
    [],
  );
});

test('a mail server with a certificate that nobody vouches for gets no mail', async (t) => {
  const { mail, person } = await open(t, { host: ELSEWHERE, tls: makeCertificate(ELSEWHERE) });
  await person.submit('/register', '/register', { email: EMAIL });
  const tries = (): number => mail.commands.filter((command) => command === 'STARTTLS').length;
  await until('it is tried again', () => tries() > 1);
  assert.deepEqual([sent(mail.commands), mail.mails], [[], []]);
});

test('an address that the mail server refuses for good is tried once', async (t) => {
  const answer = (command: string): string | undefined =>
    /^RCPT/i.test(command) ? '550 no such user' : undefined;
  const { mail, person, events } = await open(t, { answer });
  await person.submit('/register', '/register', { email: EMAIL });
  await until('the log says so', () => events.length > 0);
  assert.match(JSON.stringify(events), /"tries":1.*"answer":550.*"RCPT TO"/);
  assert.doesNotMatch(JSON.stringify(events), /anna|no such user/);
  assert.deepEqual(mail.mails, []);
});

test('no line that is typed becomes a header, a recipient or a command', async (t) => {
  const { mail, url } = await open(t);
  for (const line of ['\r\n', '\n', '\r', '\t', '\u2028', '\u0085']) {
    const person = new Visitor(url);
    for (const email of [
      `${EMAIL}${line}Bcc: eve@example.com`,
      `anna@exam${line}ple.com`,
      `Anna${line}Bcc: eve@example.com <${EMAIL}>`,
      `"a${line}RCPT TO:<eve@example.com>${line}"@example.com`,
      `${EMAIL},${line}eve@example.com`,
      `<${EMAIL}>${line}RCPT TO:<eve@example.com>`,
    ]) {
      const { status } = await person.submit('/register', '/register', { email });
      assert.ok(status === 303 || status === 422, `${status}: ${JSON.stringify(email)}`);
    }
  }
  await new Visitor(url).submit('/register', '/register', { email: 'last@example.com' });
  await mail.link('last@example.com');
  const recipients = mail.commands.filter((command) => /^RCPT/i.test(command));
  assert.deepEqual(recipients, ['RCPT TO:<last@example.com>']);
  const [head = ''] = (mail.mails[0] ?? '').split('\r\n\r\n');
  const names = [...head.matchAll(/^([\w-]+):/gm)].map(([, name]) => name).toSorted();
  assert.deepEqual(names, HEADERS);
});

test('told to close while a mail server hangs, Strongroom ends in time, and in order', async (t) => {
  const directory = temporaryDirectory();
  const answer = (command: string): string | undefined => (/^MAIL/i.test(command) ? '' : undefined);
  const mail = await startMailServer({ answer });
  t.after(async () => {
    await mail.stop();
    directory.remove();
  });
  const program = await startProgram(directory.path, { SMTP_URL: mail.url });
  await new Visitor(program.url).submit('/register', '/register', { email: EMAIL });
  await until('the mail is on its way', () => mail.commands.some((command) => /^MAIL/i.test(command)));
  // 1 where it had to end as it was.
  assert.equal(await program.stop(), 0);
});
