/** A mail server of a few lines: takes every mail by SMTP, and keeps it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { until } from './until.ts';

/** A server that listens on this machine. */
export interface MailServer {
  readonly url: string;
  /** Waits for a mail with a link to an address, and gives the path of the link. */
  readonly link: (email: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts it. */
export async function startMailServer(): Promise<MailServer> {
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    talk(socket, (mail) => mails.unshift(mail));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
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

function talk(socket: Socket, keep: (mail: string) => void): void {
  let said = '';
  let envelope = '';
  let inData = false;
  socket.setEncoding('utf8').write('220 mail.example.com\r\n');
  socket.on('data', (text) => {
    said += text.toString();
    for (;;) {
      const end = said.indexOf(inData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const part = said.slice(0, end);
      said = said.slice(end + (inData ? 5 : 2));
      if (inData) keep(`${envelope}\n${readable(part)}`);
      else if (/^(MAIL|RCPT)/i.test(part)) envelope = /^MAIL/i.test(part) ? part : `${envelope}\n${part}`;
      inData = !inData && /^DATA/i.test(part);
      socket.write(inData ? '354 go on\r\n' : /^QUIT/i.test(part) ? '221 bye\r\n' : '250 ok\r\n');
    }
  });
}

/** Long lines are folded by quoted-printable. */
function readable(mail: string): string {
  if (!/^content-transfer-encoding: quoted-printable/im.test(mail)) return mail;
  return mail
    .replaceAll('=\r\n', '')
    .replaceAll(/=([\dA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
