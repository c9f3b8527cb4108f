/** The system's Firefox, driven over WebDriver BiDi: a page is opened, looked at, clicked. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type Cookie, launch, type Page } from 'puppeteer-core';
import { until } from '../support/until.ts';

const PROGRAMS = ['firefox-esr', 'firefox'];

/** A running Firefox without a window, and a profile that nobody had before. */
export class Firefox {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** @param trusting - takes any certificate, as that of a test is known to nobody */
  static async start(trusting = false): Promise<Firefox> {
    return new Firefox(
      await launch({
        browser: 'firefox',
        executablePath: findFirefox(),
        headless: true,
        acceptInsecureCerts: trusting,
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

  async open(url: string): Promise<void> {
    await this.#page.goto(url);
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

  /** Types into the field of a label. */
  async type(label: string, text: string): Promise<void> {
    const found = `[...document.querySelectorAll('label')].find((one) => one.textContent.trim() === ${JSON.stringify(label)})`;
    await this.look(`void ${found}.control.focus()`);
    await this.#page.keyboard.type(text);
  }

  /** Chooses files of this machine in the one field for files. */
  async choose(...paths: readonly string[]): Promise<void> {
    const field = await this.#page.$('input[type=file]');
    // Of a page, whose types these tests have not.
    await (field as unknown as FileField | null)?.uploadFile(...paths);
  }

  /** Presses a button by mouse, at the same place each time, whatever is there by then. */
  async press(name: string, times = 1, betweenMs = 0): Promise<void> {
    await this.#click('button', name, times, betweenMs);
  }

  /** Follows a link by mouse. */
  async follow(name: string): Promise<void> {
    await this.#click('a', name);
  }

  async #click(what: string, name: string, times = 1, betweenMs = 0): Promise<void> {
    const { x, y } = (await this.look(`(() => {
      const named = (one) => one.textContent.trim() === ${JSON.stringify(name)};
      const box = [...document.querySelectorAll('${what}')].find(named);
      box.scrollIntoView();
      const { x, y, width, height } = box.getBoundingClientRect();
      return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
    })()`)) as { readonly x: number; readonly y: number };
    for (let time = 0; time < times; time += 1) {
      if (time > 0) await sleep(betweenMs);
      await this.#page.mouse.click(x, y);
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
