/** One person at one address, with a cookie jar and forms that post as a browser posts them. */
import assert from 'node:assert/strict';
import { until } from './until.ts';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer, read whole. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it leads, if anywhere. */
  readonly location: string | null;
}

let people = 0;

/** A visitor. Each comes from an address of their own, by way of the proxy that the server under test trusts. */
export class Visitor {
  readonly #url: string;
  #address: string;
  readonly #cookies = new Map<string, string>();
  readonly #userAgent: string;
  /** What happens between the head of a post, once the server has judged it, and its body. */
  #beforeBody: (() => Promise<unknown>) | undefined;

  constructor(
    url: string,
    userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  ) {
    people += 1;
    this.#url = url;
    this.#address = `203.0.${113 + Math.floor(people / 250)}.${people % 250}`;
    this.#userAgent = userAgent;
  }

  /** The cookies this visitor holds, as `name=value`. */
  get cookies(): readonly string[] {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`);
  }

  /** The same browser at another moment or server: what this one is answered from now on, the other never sees. */
  twin(url: string = this.#url): Visitor {
    const twin = new Visitor(url, this.#userAgent);
    twin.#address = this.#address;
    for (const [name, value] of this.#cookies) twin.#cookies.set(name, value);
    return twin;
  }

  /** Drops a cookie, as a browser does that is closed with those that live no longer. */
  forget(name: string): void {
    this.#cookies.delete(name);
  }

  /** {@link twin}, on a line so slow that all of this happens after the head of a post was judged and before its body is there. */
  slowTwin(beforeBody: () => Promise<unknown>): Visitor {
    const twin = this.twin();
    twin.#beforeBody = beforeBody;
    return twin;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    const accept = path.startsWith('/api/') ? 'application/json' : 'text/html';
    return this.#send('GET', path, { accept, 'sec-fetch-site': 'same-origin', ...headers });
  }

  head(path: string): Promise<Page> {
    return this.#send('HEAD', path, { accept: 'text/html', 'sec-fetch-site': 'same-origin' });
  }

  /** Posts fields; `headers` replaces those a browser would send. */
  post(
    path: string,
    fields: Readonly<Record<string, string>> | URLSearchParams,
    headers: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin' },
  ): Promise<Page> {
    return this.#send('POST', path, { accept: 'text/html', ...headers }, new URLSearchParams(fields));
  }

  /** Opens a page, and posts the form on it that goes to `action` with all its hidden fields. */
  async submit(path: string, action: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const page = await this.get(path);
    const forms = page.text.match(/<form [^]*?<\/form>/g) ?? [];
    const form = forms.find((text) => text.includes(` action="${action}"`));
    assert.ok(form !== undefined, `${path} (${page.status}) has no form to ${action}`);
    const hidden = [
      ...form.matchAll(
        /<input\s+type="hidden"\s+name="([^"]*)"\s+(?:autocomplete="[^"]*"\s+)?value="([^"]*)"/g,
      ),
    ].map((match) => [match[1] ?? '', match[2] ?? '']);
    return this.post(action, { ...Object.fromEntries(hidden), ...fields });
  }

  /** Makes an account: asks for the link, takes it from the page of mails, and chooses a password. */
  async register(email: string, password: string): Promise<Page> {
    const asked = await this.submit('/register', '/register', { email });
    assert.deepEqual([asked.status, asked.location], [303, '/register/sent']);
    const path = await this.mailedLink(email);
    return this.submit(path, '/register/confirm', { password });
  }

  /** Waits for the newest link that was mailed to an address, on a server that shows its mails. */
  async mailedLink(email: string): Promise<string> {
    let link: string | undefined;
    await until(`a link is mailed to ${email}`, async () => {
      const mails = (await this.get('/dev/mail')).text.match(/<article [^]*?<\/article>/g) ?? [];
      const mail = mails.find((text) => text.includes(`To ${email},`) && text.includes('token='));
      link = /href="([^"]*token=[^"]*)"/.exec(mail ?? '')?.[1];
      return link !== undefined;
    });
    return link ?? '';
  }

  async signIn(email: string, password: string): Promise<Page> {
    return this.submit('/login', '/login', { email, password });
  }

  async #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: URLSearchParams,
  ): Promise<Page> {
    // By node:http: fetch says of itself that it is no navigation, whatever headers it is given.
    const sending = request(new URL(path, this.#url), {
      method,
      headers: {
        'user-agent': this.#userAgent,
        'x-forwarded-for': this.#address,
        'sec-fetch-mode': 'navigate',
        ...(this.#cookies.size > 0 && { cookie: this.cookies.join('; ') }),
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
    });
    if (body !== undefined && this.#beforeBody !== undefined) {
      sending.setHeader('expect', '100-continue');
      sending.flushHeaders();
      await once(sending, 'continue');
      await this.#beforeBody();
    }
    sending.end(body?.toString());
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    this.keep(response.headers['set-cookie'] ?? []);
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      text: await text(response),
      location: response.headers.location ?? null,
    };
  }

  /** Keeps the cookies of an answer that was fetched for this visitor by other means. */
  keep(lines: readonly string[]): void {
    for (const line of lines) this.#keep(line);
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const over = attributes.some((attribute) => /^(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute));
    if (over) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(response.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
