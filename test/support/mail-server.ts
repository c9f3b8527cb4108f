/** A mail server of a few lines: takes every mail by SMTP, in the open or encrypted, and keeps it; or is told to refuse. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { until } from './until.ts';

/** How a server is, where it is not as plain as can be. */
export interface MailServerOptions {
  /** An address of this machine. Default: 127.0.0.1. */
  readonly host?: string;
  /** Offers STARTTLS, by these. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
  /** What is answered to a command in place of the usual; an empty text: nothing, and the client waits. */
  readonly answer?: (command: string) => string | undefined;
}

/** A server that listens on this machine. */
export interface MailServer {
  readonly url: string;
  /** Commands, as they came; with `TLS ` before those that came encrypted. */
  readonly commands: readonly string[];
  /** Envelope and text of each mail, newest first. */
  readonly mails: readonly string[];
  /** Waits for a mail with a link to an address, and gives the path of the link. */
  readonly link: (email: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

interface Talk extends MailServerOptions {
  readonly mails: string[];
  readonly commands: string[];
}

/** Starts it. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { host = '127.0.0.1' } = options;
  const talk: Talk = { ...options, mails: [], commands: [] };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.write('220 mail.example.com\r\n');
    listen(socket, talk, false);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { mails, commands } = talk;
  return {
    url: `smtp://${host}:${(server.address() as AddressInfo).port}`,
    commands,
    mails,
    link: async (email) => {
      let path = '';
      await until(`a link is mailed to ${email}`, () => {
        const mail = mails.find((text) => text.includes(`RCPT TO:<${email}>`) && text.includes('token='));
        const url = /https?:\/\/\S+token=[\w-]+/.exec(mail ?? '')?.[0];
        if (url !== undefined) path = new URL(url).pathname + new URL(url).search;
        return url !== undefined;
      });
      return path;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function listen(socket: Socket, talk: Talk, encrypted: boolean): void {
  let said = '';
  let envelope = '';
  let inData = false;
  socket.on('error', () => socket.destroy());
  const hear = (bytes: Buffer): void => {
    said += bytes.toString();
    for (;;) {
      const end = said.indexOf(inData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const part = said.slice(0, end);
      said = said.slice(end + (inData ? 5 : 2));
      if (inData) talk.mails.unshift(`${envelope}\n${readable(part)}`);
      else {
        talk.commands.push(encrypted ? `TLS ${part}` : part);
        const own = talk.answer?.(part);
        if (own !== undefined) {
          if (own !== '') socket.write(`${own}\r\n`);
          continue;
        }
        if (talk.tls !== undefined && /^STARTTLS/i.test(part)) {
          socket.off('data', hear).write('220 go on\r\n');
          listen(new TLSSocket(socket, { ...talk.tls, isServer: true }), talk, true);
          return;
        }
        if (/^(MAIL|RCPT)/i.test(part)) envelope = /^MAIL/i.test(part) ? part : `${envelope}\n${part}`;
      }
      inData = !inData && /^DATA/i.test(part);
      socket.write(inData ? '354 go on\r\n' : usual(part, talk.tls !== undefined && !encrypted));
    }
  };
  socket.on('data', hear);
}

function usual(command: string, offersTls: boolean): string {
  if (/^QUIT/i.test(command)) return '221 bye\r\n';
  return offersTls && /^EHLO/i.test(command) ? '250-mail.example.com\r\n250 STARTTLS\r\n' : '250 ok\r\n';
}

/** Long lines are folded by quoted-printable. */
function readable(mail: string): string {
  if (!/^content-transfer-encoding: quoted-printable/im.test(mail)) return mail;
  return mail
    .replaceAll('=\r\n', '')
    .replaceAll(/=([\dA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
