/** The system's Firefox, driven by WebDriver BiDi over the WebSocket that Node.js has: a page is opened, looked at, clicked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../support/until.ts';

const PROGRAMS = ['firefox-esr', 'firefox'];

type Fields = Readonly<Record<string, unknown>>;

/** A running Firefox without a window, and a profile that nobody had before. */
export class Firefox {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: Fields) => void>();
  #asked = 0;

  private constructor(child: ChildProcess, socket: WebSocket, profile: string) {
    this.#child = child;
    this.#socket = socket;
    this.#profile = profile;
    socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as Fields;
      const { id } = answer;
      if (typeof id === 'number') this.#waiting.get(id)?.(answer);
    });
  }

  static async start(): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'bulwark-firefox-'));
    const child = spawn(
      findFirefox(),
      ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let address: string | undefined;
    for await (const line of createInterface(child.stderr)) {
      address = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(line)?.[1];
      if (address !== undefined) break;
    }
    if (address === undefined) throw new Error('Firefox ended before it listened');
    child.stderr.resume();
    const socket = new WebSocket(`${address}/session`);
    await once(socket, 'open');
    const firefox = new Firefox(child, socket, profile);
    await firefox.ask('session.new', { capabilities: {} });
    return firefox;
  }

  /** Opens a tab of somebody who shares no cookies with any other. */
  async tab(): Promise<Tab> {
    const { userContext } = await this.ask('browser.createUserContext', {});
    const { context } = await this.ask('browsingContext.create', { type: 'tab', userContext });
    return new Tab(this, String(context));
  }

  /** One command of the protocol, and what comes of it. */
  async ask(method: string, params: Fields): Promise<Fields> {
    this.#asked += 1;
    const id = this.#asked;
    const answered = new Promise<Fields>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    const answer = await answered;
    this.#waiting.delete(id);
    if (answer['type'] === 'error') throw new Error(`${method}: ${String(answer['message'])}`);
    return answer['result'] as Fields;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#socket.close();
    this.#child.kill();
    await ended;
    rmSync(this.#profile, { recursive: true, force: true });
  }
}

/** One page. */
export class Tab {
  readonly #firefox: Firefox;
  readonly #context: string;

  constructor(firefox: Firefox, context: string) {
    this.#firefox = firefox;
    this.#context = context;
  }

  async open(url: string): Promise<void> {
    await this.#firefox.ask('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** The value of an expression in the page: what JSON has. */
  async look(expression: string): Promise<unknown> {
    const target = { context: this.#context };
    const made = `JSON.stringify(${expression}) ?? 'null'`;
    const { result } = await this.#firefox.ask('script.evaluate', {
      expression: made,
      target,
      awaitPromise: true,
    });
    return JSON.parse(String((result as Fields)['value']));
  }

  /** Waits until the page is at a path, and is read. */
  async arrives(path: string): Promise<void> {
    await until(`Firefox is at ${path}`, async () => {
      return (
        ((await this.look('[location.pathname, document.readyState]')) as string[]).join() ===
        `${path},complete`
      );
    });
  }

  /** Types into the field of a label. */
  async type(label: string, text: string): Promise<void> {
    const found = `[...document.querySelectorAll('label')].find((one) => one.textContent.trim() === ${JSON.stringify(label)})`;
    await this.look(`(() => { ${found}.control.focus(); })()`);
    const actions = Array.from(text).flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.#act({ type: 'key', id: 'keyboard', actions });
  }

  /** Presses a button by mouse, at the same place each time, whatever is there by then. */
  async press(name: string, times = 1, betweenMs = 0): Promise<void> {
    const place = (await this.look(`(() => {
      const named = (one) => one.textContent.trim() === ${JSON.stringify(name)};
      const box = [...document.querySelectorAll('button')].find(named);
      box.scrollIntoView();
      const { x, y, width, height } = box.getBoundingClientRect();
      return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
    })()`)) as { readonly x: number; readonly y: number };
    const click = [
      { type: 'pointerMove', ...place },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ];
    for (let time = 0; time < times; time += 1) {
      if (time > 0) await new Promise((resolve) => void setTimeout(resolve, betweenMs));
      await this.#act({ type: 'pointer', id: 'mouse', actions: click });
    }
  }

  async resize(width: number, height: number): Promise<void> {
    const viewport = { width, height };
    await this.#firefox.ask('browsingContext.setViewport', { context: this.#context, viewport });
  }

  /** Cookies of the page, also those that no script sees. */
  async cookies(): Promise<readonly Fields[]> {
    const partition = { type: 'context', context: this.#context };
    const { cookies } = await this.#firefox.ask('storage.getCookies', { partition });
    return cookies as readonly Fields[];
  }

  async #act(source: Fields): Promise<void> {
    await this.#firefox.ask('input.performActions', { context: this.#context, actions: [source] });
  }
}

function findFirefox(): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const program of PROGRAMS) if (existsSync(join(folder, program))) return join(folder, program);
  }
  throw new Error(
    'Firefox is missing: `npm test` installs it on Debian and Ubuntu; elsewhere install it by hand',
  );
}
