/** A client that behaves as a browser behind a proxy does: the header lines of one, and a cookie jar. */
import { request as httpRequest } from 'node:http';
import { ORIGIN, TOKEN_FIELD } from '../stacks/application.ts';

/** An answer, with the size of its head as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly headBytes: number;
  readonly body: string;
}

/** What else a request has. */
export interface RequestExtras {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a proxy adds, for a client of its choice. */
export function proxyHeaders(client = '203.0.113.7'): Record<string, string> {
  return { Host: new URL(ORIGIN).host, 'X-Forwarded-For': client, 'X-Forwarded-Proto': 'https' };
}

/** What Chromium sends with a click on a link, but for cookies. */
export const NAVIGATION_HEADERS: Readonly<Record<string, string>> = {
  'sec-ch-ua': '"Chromium";v="146", "Not?A_Brand";v="24"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Linux"',
  'Upgrade-Insecure-Requests': '1',
  'User-Agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-User': '?1',
  'Sec-Fetch-Dest': 'document',
  Referer: `${ORIGIN}/`,
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9',
};

/** Asks a server on this machine once. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body = '' }: RequestExtras = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const request = httpRequest(
    { host: '127.0.0.1', port, path, method, agent: false, headers: { ...headers, ...length } },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ ...readHead(response), status: response.statusCode ?? 0, body: text });
      });
    },
  );
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** One person's browser. */
export class Browser {
  readonly #port: number;
  readonly #cookies = new Map<string, string>();

  constructor(port: number) {
    this.#port = port;
  }

  /** The `Cookie` header of the next request, or an empty text. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Opens a page. */
  async open(path: string): Promise<Answer> {
    return this.#keep(await ask(this.#port, path, { headers: { ...NAVIGATION_HEADERS, ...this.#own() } }));
  }

  /** Sends a form, as the page's own button does. */
  post(path: string, token: string | undefined): Promise<Answer> {
    const headers = { ...NAVIGATION_HEADERS, Origin: ORIGIN };
    return this.#send(path, token, headers);
  }

  /** Sends a form as a page of another site does. */
  postFromElsewhere(path: string): Promise<Answer> {
    const headers = {
      ...NAVIGATION_HEADERS,
      Origin: 'https://attacker.example',
      'Sec-Fetch-Site': 'cross-site',
    };
    return this.#send(path, undefined, headers);
  }

  /** Sends a form as an old browser does, that says nothing of where it comes from. */
  postSilently(path: string, token: string | undefined): Promise<Answer> {
    return this.#send(path, token, {});
  }

  async #send(
    path: string,
    token: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({
      name: 'report',
      ...(token !== undefined && { [TOKEN_FIELD]: token }),
    });
    const all = { ...headers, ...this.#own(), ...type };
    return this.#keep(await ask(this.#port, path, { method: 'POST', headers: all, body: body.toString() }));
  }

  #own(): Record<string, string> {
    return { ...proxyHeaders(), ...(this.#cookies.size > 0 && { Cookie: this.cookie }) };
  }

  #keep(answer: Answer): Answer {
    for (const line of (answer.headers.get('set-cookie') ?? '').split('\n')) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== '') this.#cookies.set(name, value);
    }
    return answer;
  }
}

interface Raw {
  readonly rawHeaders: readonly string[];
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
}

function readHead(response: Raw): Pick<Answer, 'headers' | 'headBytes'> {
  const headers = new Map<string, string>();
  let headBytes = `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n\r\n`.length;
  for (let index = 0; index < response.rawHeaders.length; index += 2) {
    const name = (response.rawHeaders[index] ?? '').toLowerCase();
    const value = response.rawHeaders[index + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}\n${value}`);
    headBytes += `${name}: ${value}\r\n`.length;
  }
  return { headers, headBytes };
}
