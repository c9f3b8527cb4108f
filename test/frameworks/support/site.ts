/** The application of a framework, installed, built, running, and looked at by two browsers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../../browser/chromium.ts';
import { Firefox } from '../../browser/firefox.ts';
import { endProgram, freePort } from '../../support/processes.ts';
import { TEST_SECRET } from '../../support/secrets.ts';
import { until } from '../../support/until.ts';
import { build, type Environment, environmentOf, install } from './install.ts';

/** How an application is built and started. */
export interface Application {
  /** Its folder in test/frameworks. */
  readonly name: string;
  /** Commands that build it: `[['next', 'build']]`. */
  readonly build?: readonly (readonly string[])[];
  /** What `node` is given to start it. It listens on `PORT` of 127.0.0.1. */
  readonly start: readonly string[];
  /** Further environment, of the build too: what silences telemetry. */
  readonly env?: Environment;
  /** Default `production`. */
  readonly environment?: 'development' | 'production';
}

/** What is there while it runs. */
export interface Site {
  readonly url: string;
  readonly page: Page;
  readonly browser: Browser;
  readonly firefox: Firefox;
  /** What the server has printed. */
  readonly log: () => string;
  /** What the browser said that it would not do, and what scripts threw; forgets it. */
  readonly complaints: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Installs, builds and starts it, and opens a browser. */
export async function openSite(application: Application): Promise<Site> {
  const { name, start, environment = 'production' } = application;
  const folder = join(import.meta.dirname, '..', name);
  const port = await freePort();
  const env = { ...application.env, NODE_ENV: environment, BULWARK_SECRET: TEST_SECRET };
  install(folder);
  // Without a secret: whoever builds has none.
  build(folder, application.build ?? [], { ...application.env, NODE_ENV: environment });
  const child = spawn(process.execPath, [...start], {
    cwd: folder,
    env: environmentOf(folder, { ...env, PORT: String(port) }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = `http://localhost:${port}`;
  const printed = keep(child);
  const [browser, firefox] = await Promise.all([startChromium(), Firefox.start()]);
  const close = async (): Promise<void> => {
    await browser.close();
    await firefox.stop();
    await endProgram(child, 'SIGKILL');
  };
  try {
    await until(`${name} answers`, async () => {
      if (child.exitCode !== null) return true;
      return (await fetch(`${url}/api/hello`, { signal: AbortSignal.timeout(5000) })).status > 0;
    });
    if (child.exitCode !== null) throw new Error(`${name} ended:\n${printed()}`);
  } catch (error) {
    await close();
    throw new Error(`${name} does not answer:\n${printed()}`, { cause: error });
  }
  const page = await browser.newPage();
  const heard: string[] = [];
  listen(page, heard);
  return { url, page, browser, firefox, log: printed, complaints: () => heard.splice(0), close };
}

function keep(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** Everything that a page could not do, by whichever control. */
function listen(page: Page, heard: string[]): void {
  page.on('console', (message) => {
    // Browsers ask for it by themselves, and the applications have none.
    if (message.location().url.endsWith('/favicon.ico')) return;
    if (message.type() === 'error') heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('requestfailed', (request) => {
    // A page that is left gives up what it was fetching ahead.
    const why = request.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') heard.push(`${request.url()} ${why}`);
  });
}
