/** Who visits the notes of examples/flask, without a browser. */

/** A visitor with a jar of cookies, who comes from the site's own pages, and with what a proxy in front adds. */
export class Visitor {
  readonly #origin: string;
  readonly #jar: Map<string, string>;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    port: number,
    jar: ReadonlyMap<string, string> = new Map(),
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.#origin = `http://localhost:${port}`;
    this.#jar = new Map(jar);
    this.#headers = headers;
  }

  /** The cookies of this moment. */
  get jar(): ReadonlyMap<string, string> {
    return new Map(this.#jar);
  }

  get cookie(): string {
    return [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#headers)) headers.set(name, value);
    if (this.#jar.size > 0) headers.set('cookie', this.cookie);
    if (!headers.has('sec-fetch-site')) headers.set('sec-fetch-site', 'same-origin');
    const response = await fetch(this.#origin + path, { redirect: 'manual', ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
    return response;
  }

  async signIn(name: string): Promise<Response> {
    const body = new URLSearchParams({ username: name, password: `${name}-password` });
    return await this.ask('/login', { method: 'POST', body });
  }
}
