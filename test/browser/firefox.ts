/** The system's Firefox, driven over WebDriver BiDi: a page is opened, looked at, clicked. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type Cookie, launch, type Page } from 'puppeteer-core';
import { until } from '../support/until.ts';

const PROGRAMS = ['firefox-esr', 'firefox'];

/** How it is started. */
export interface FirefoxOptions {
  /** Takes any certificate, as that of a test is known to nobody. */
  readonly trusting?: boolean;
  /** Further words of its command line. */
  readonly args?: readonly string[];
  /** Preferences, as `about:config` has them. */
  readonly preferences?: Readonly<Record<string, string | number | boolean>>;
}

/** A running Firefox without a window, and a profile that nobody had before. */
export class Firefox {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start({
    trusting = false,
    args = [],
    preferences = {},
  }: FirefoxOptions = {}): Promise<Firefox> {
    return new Firefox(
      await launch({
        browser: 'firefox',
        executablePath: findFirefox(),
        headless: true,
        acceptInsecureCerts: trusting,
        args: [...args],
        extraPrefsFirefox: preferences,
      }),
    );
  }

  /**
   * Opens a tab of somebody who shares no cookies with any other.
   *
   * @param downloadPath - a folder where what is downloaded goes, without a question
   */
  async tab(downloadPath?: string): Promise<Tab> {
    const context = await this.#browser.createBrowserContext(
      downloadPath === undefined ? {} : { downloadBehavior: { policy: 'allow', downloadPath } },
    );
    return new Tab(await context.newPage());
  }

  async stop(): Promise<void> {
    await this.#browser.close();
  }
}

/** What is used of a field for files. */
interface FileField {
  uploadFile(...paths: readonly string[]): Promise<void>;
}

/** One page. */
export class Tab {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** @returns the status of the answer */
  async open(url: string): Promise<number | undefined> {
    return (await this.#page.goto(url))?.status();
  }

  /** Opens a page that leads to another, maybe before it is read: puppeteer tells one that is left so early as one that failed. */
  async openAndBeLed(url: string, path: string): Promise<void> {
    await this.#page.goto(url).catch(() => undefined);
    await this.arrives(path);
  }

  async close(): Promise<void> {
    await this.#page.close();
  }

  /**
   * What pages of this tab complain of from now on: what a policy blocked, what a script did not catch or told as an error,
   * and what could not be loaded.
   */
  complaints(): readonly string[] {
    const heard: string[] = [];
    const givenUp = new Set<string>();
    this.#page.on('console', (message) => {
      if (message.type() === 'error') heard.push(message.text());
    });
    this.#page.on('pageerror', (error) => {
      if (!givenUp.has(moduleOf(String(error)) ?? '')) heard.push(String(error));
    });
    this.#page.on('requestfailed', (request) => {
      const url = request.url();
      const why = request.failure()?.errorText ?? '';
      if (!/ABORT/.test(why)) return void heard.push(`${url} ${why}`);
      // A page that is left gives up what it was fetching. Its script may say that of a module, before this or after it.
      givenUp.add(url);
      const left = heard.filter((text) => moduleOf(text) !== url);
      heard.splice(0, heard.length, ...left);
    });
    return heard;
  }

  /** Another tab of the same person. */
  async another(): Promise<Tab> {
    return new Tab(await this.#page.browserContext().newPage());
  }

  async reload(): Promise<void> {
    await this.#page.reload();
  }

  async back(): Promise<void> {
    await this.#page.goBack();
  }

  /** Has the cookies that somebody else had. */
  async takeCookies(cookies: readonly Cookie[]): Promise<void> {
    await this.#page.browserContext().setCookie(...cookies);
  }

  /** The value of an expression in the page: what JSON has. */
  async look(expression: string): Promise<unknown> {
    return await this.#page.evaluate(expression);
  }

  /** Waits until the page is at a path, and is read. */
  async arrives(path: string): Promise<void> {
    await until(`Firefox is at ${path}`, async () => {
      // Where a page is left as it is looked at, there is nothing to see of it.
      const seen = await this.look('[location.pathname, document.readyState].join()').catch(() => '');
      return seen === `${path},complete`;
    });
  }

  /** Waits until a text is seen on the page. */
  async sees(text: string): Promise<void> {
    await this.becomes(`document.body.innerText.includes(${JSON.stringify(text)})`);
  }

  /**
   * Waits until an expression is true, on whatever page is there by then, and that page is read: one that is left while it is
   * read holds up the next.
   */
  async becomes(expression: string): Promise<void> {
    await until(`in Firefox: ${expression}`, () =>
      this.look(`document.readyState === 'complete' && (${expression})`),
    );
  }

  /** Types into the field of a label. */
  async type(label: string, text: string): Promise<void> {
    const found = `[...document.querySelectorAll('label')].find((one) => one.textContent.trim() === ${JSON.stringify(label)})`;
    await this.look(`void ${found}.control.focus()`);
    await this.#page.keyboard.type(text);
  }

  /** Types into the first field that a selector finds. */
  async fill(selector: string, text: string): Promise<void> {
    await this.look(`void document.querySelector(${JSON.stringify(selector)}).focus()`);
    await this.#page.keyboard.type(text);
  }

  /**
   * Follows a link to a file, in a tab of its own: to puppeteer a page that became a file is one that still loads, and the
   * next page of its tab never comes.
   *
   * @param saved - where it is once it is whole, which is when its text ends so
   */
  async download(
    url: string,
    press: (tab: Tab) => Promise<void>,
    saved: string,
    end: string,
  ): Promise<string> {
    const tab = await this.another();
    await tab.open(url);
    await press(tab);
    let text = '';
    await until('the file is whole', () => {
      text = readFileSync(saved, 'utf8');
      return text.endsWith(end);
    });
    await tab.close();
    return text;
  }

  /** Chooses files of this machine in the one field for files. */
  async choose(...paths: readonly string[]): Promise<void> {
    const field = await this.#page.$('input[type=file]');
    // Of a page, whose types these tests have not.
    await (field as unknown as FileField | null)?.uploadFile(...paths);
  }

  /** Presses a button by mouse, at the same place each time, whatever is there by then; `after` is called behind each. */
  async press(name: string, times = 1, after?: (press: number) => Promise<void>): Promise<void> {
    await this.#click('button', name, times, after);
  }

  /** Follows a link by mouse. */
  async follow(name: string): Promise<void> {
    await this.#click('a', name);
  }

  async #click(
    what: string,
    name: string,
    times = 1,
    after?: (press: number) => Promise<void>,
  ): Promise<void> {
    const { x, y } = (await this.look(`(() => {
      const named = (one) => one.textContent.trim() === ${JSON.stringify(name)};
      const box = [...document.querySelectorAll('${what}')].find(named);
      if (box === undefined) throw new Error('there is no ${what} ' + ${JSON.stringify(name)} + ' on ' + location.href);
      box.scrollIntoView();
      const { x, y, width, height } = box.getBoundingClientRect();
      return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
    })()`)) as { readonly x: number; readonly y: number };
    for (let press = 1; press <= times; press += 1) {
      await this.#page.mouse.click(x, y);
      await after?.(press);
    }
  }

  /** Shows a page that came by other means. */
  async show(html: string): Promise<void> {
    await this.#page.setContent(html);
  }

  async shoot(path: `${string}.png`): Promise<void> {
    await this.#page.screenshot({ path, fullPage: true });
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#page.setViewport({ width, height });
  }

  /** Cookies of the page, also those that no script sees. */
  async cookies(): Promise<readonly Cookie[]> {
    return await this.#page.browserContext().cookies();
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

/** The address of a module that a script asked for in vain. */
function moduleOf(text: string): string | undefined {
  return /error loading dynamically imported module: (\S+)$/.exec(text)?.[1];
}
