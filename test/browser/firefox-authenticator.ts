/**
 * A passkey provider of Firefox's own. WebDriver BiDi has no words for one; Marionette, the protocol that geckodriver speaks to
 * Firefox, has: a number, a colon and an array of JSON.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { Firefox, type FirefoxOptions } from './firefox.ts';

/** One that is touched at once, whenever a page asks. */
export class FirefoxAuthenticator {
  readonly #line: Marionette;
  readonly #id: unknown;

  constructor(line: Marionette, id: unknown) {
    this.#line = line;
    this.#id = id;
  }

  /** How many passkeys are on it. */
  async count(): Promise<number> {
    const credentials = await this.#line.ask('WebAuthn:GetCredentials', { authenticatorId: this.#id });
    if (!Array.isArray(credentials)) throw new Error('Firefox lists no credentials');
    return credentials.length;
  }

  /** Whether it knows the person by a finger or a number. */
  async knowsPerson(isUserVerified: boolean): Promise<void> {
    await this.#line.ask('WebAuthn:SetUserVerified', { authenticatorId: this.#id, isUserVerified });
  }

  stop(): void {
    this.#line.close();
  }
}

/** Starts Firefox with one. Stop both. */
export async function startWithAuthenticator(
  options: FirefoxOptions = {},
): Promise<{ readonly firefox: Firefox; readonly authenticator: FirefoxAuthenticator }> {
  const port = await freePort();
  const firefox = await Firefox.start({
    ...options,
    args: ['--marionette'],
    preferences: {
      ...options.preferences,
      'marionette.port': port,
      // Without the first one a virtual authenticator is added and never asked; the second one waits for a key in a socket.
      'security.webauth.webauthn_enable_softtoken': true,
      'security.webauth.webauthn_enable_usbtoken': false,
    },
  });
  try {
    const line = await Marionette.open(port);
    const id = await line.ask('WebAuthn:AddVirtualAuthenticator', {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      isUserConsenting: true,
    });
    return { firefox, authenticator: new FirefoxAuthenticator(line, id) };
  } catch (error) {
    await firefox.stop();
    throw error;
  }
}

/** One command after another, over a connection. */
class Marionette {
  readonly #socket: Socket;
  #last = 0;
  #heard = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text) => (this.#heard += text));
  }

  static async open(port: number): Promise<Marionette> {
    let socket: Socket | undefined;
    await until('Firefox listens for Marionette', async () => {
      socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return true;
    });
    if (socket === undefined) throw new Error('Firefox does not listen for Marionette');
    const line = new Marionette(socket);
    await line.#message();
    return line;
  }

  /** @throws Error where Firefox says no */
  async ask(command: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#last += 1;
    // All of these are ASCII, so that characters are bytes.
    const text = JSON.stringify([0, this.#last, command, parameters]);
    this.#socket.write(`${text.length}:${text}`);
    const [, , error, result] = (await this.#message()) as readonly unknown[];
    if (error !== null) throw new Error(`${command}: ${JSON.stringify(error)}`);
    return typeof result === 'object' && result !== null && 'value' in result ? result.value : result;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** What it says next. */
  async #message(): Promise<unknown> {
    let text: string | undefined;
    await until('Marionette answers', () => {
      const [, length] = /^(\d+):/.exec(this.#heard) ?? [];
      if (length === undefined) return false;
      const [start, end] = [length.length + 1, length.length + 1 + Number(length)];
      if (this.#heard.length < end) return false;
      text = this.#heard.slice(start, end);
      this.#heard = this.#heard.slice(end);
      return true;
    });
    return JSON.parse(text ?? '');
  }
}
