/** docs/guides/third-party-pages.md: each package of its table, by the code that stands there, in Chromium. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as ask } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import type { Browser, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { startChromium } from '../browser/chromium.ts';
import { install } from '../frameworks/support/install.ts';
import { RedisServer } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { type Application, codeOf, cspOf, FOLDER, PAGE, startCode } from './page-code.ts';

let browser: Browser;
let redis: RedisServer;

before(async () => {
  install(FOLDER);
  redis = await RedisServer.start();
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  await redis?.stop();
});

/** Opens a page of an application, and keeps what the policy blocked: the directive and where it led. */
async function openPage({ origin }: Application, path: string): Promise<{ page: Page; blocked: string[] }> {
  const blocked: string[] = [];
  const context = await browser.newContext();
  await context.exposeFunction('tellBlocked', (what: string) => blocked.push(what));
  await context.addInitScript(`document.addEventListener('securitypolicyviolation', (event) => {
    tellBlocked(event.effectiveDirective + ' ' + event.blockedURI);
  })`);
  await standIns(context);
  const page = await context.newPage();
  await page.goto(`${origin}${path}`);
  return { page, blocked };
}

/** Apollo's own script as its package has it, since the tests ask nobody outside; and an empty page for what it frames. */
async function standIns(context: Awaited<ReturnType<Browser['newContext']>>): Promise<void> {
  const sandbox = join(FOLDER, 'node_modules/@apollo/sandbox/EmbeddedSandbox.production.min.cjs');
  await context.route('https://embeddable-sandbox.cdn.apollographql.com/**', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: `(() => { const exports = {}; const module = { exports }; const require = () => ({});
        ${readFileSync(sandbox, 'utf8')}; window.EmbeddedSandbox = module.exports.EmbeddedSandbox; })()`,
    }),
  );
  await context.route('https://sandbox.embed.apollographql.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>Sandbox</title>' }),
  );
}

interface Case {
  readonly heading: string;
  /** As it stands in the first column. */
  readonly packages: readonly string[];
  readonly path: string;
  readonly prepare?: (folder: string) => void;
  /** Passes where the page does what it is for. */
  readonly works: (page: Page, application: Application) => Promise<void>;
  /** What stays blocked with the line too, as the table says. */
  readonly stays?: readonly RegExp[];
  /** What is blocked without the line; nothing, where none is needed. */
  readonly without?: RegExp;
}

const CASES: readonly Case[] = [
  {
    heading: 'swagger-ui-express',
    packages: ['swagger-ui-express'],
    path: '/docs/',
    works: askedInSwagger,
    without: /^script-src-elem .*\/swagger-ui-bundle\.js$/,
  },
  {
    heading: '@fastify/swagger-ui',
    packages: ['@fastify/swagger-ui'],
    path: '/docs/',
    works: askedInSwagger,
    without: /^script-src-elem .*\/swagger-ui-bundle\.js$/,
  },
  {
    heading: 'graphql-yoga',
    packages: ['graphql-yoga'],
    path: '/graphql?query=%7Bhello%7D',
    works: async (page) => {
      await page.locator('[aria-label*="xecute"]').first().click();
      await page.getByText('from the schema').first().waitFor();
      await page.locator('[aria-label="Show Documentation Explorer"]').click();
      await page.getByRole('link', { name: 'Query', exact: true }).click();
      await page.getByText('A greeting').first().waitFor();
    },
    without: /^style-src-elem inline$/,
  },
  {
    heading: '@bull-board/express',
    packages: ['@bull-board/express'],
    path: '/queues',
    works: async (page) => {
      await page.locator('a[href*="queue/mails"]').first().click();
      await page.getByText('ada@example.com').first().waitFor();
    },
    stays: [/^style-src-elem https:\/\/fonts\.googleapis\.com\//],
    without: /^base-uri /,
  },
  {
    heading: '@apollo/server',
    packages: ['@apollo/server'],
    path: '/graphql',
    works: async (page) => {
      await until('the sandbox is framed', async () =>
        (await Promise.all(page.frames().map((frame) => frame.title()))).includes('Sandbox'),
      );
      const answer = await page.evaluate(`fetch('/graphql', {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"query":"{ hello }"}',
      }).then((response) => response.text())`);
      assert.match(String(answer), /from the schema/);
    },
    stays: [
      /^style-src-elem https:\/\/fonts\.googleapis\.com\//,
      /^img-src https:\/\/apollo-server-landing-page\.cdn\.apollographql\.com\//,
      /^manifest-src https:\/\/apollo-server-landing-page\.cdn\.apollographql\.com\//,
    ],
    without: /^frame-src https:\/\/sandbox\.embed\.apollographql\.com/,
  },
  {
    heading: 'livereload',
    packages: ['livereload'],
    path: '/',
    prepare: (folder) => mkdirSync(join(folder, 'views')),
    works: async (page, { folder }) => {
      const again = page.waitForEvent('load', { timeout: 20_000 });
      // Again and again, since neither the watcher nor the socket says when it is there.
      const file = join(folder, 'views/home.html');
      const changes = setInterval(() => writeFileSync(file, String(performance.now())), 100);
      await again.finally(() => clearInterval(changes));
    },
    without: /^connect-src ws:\/\/localhost/,
  },
  {
    heading: 'socket.io',
    packages: ['socket.io'],
    path: '/',
    works: async (page, application) => {
      await until('the socket answers', async () => (await page.title()) === 'hello visitor by websocket');
      assert.equal(await handshakeFrom('https://other.example', application), 403);
    },
  },
  {
    heading: 'tRPC',
    packages: ['@trpc/server', '@trpc/client'],
    path: '/',
    works: async (page) => {
      await until('all are there', async () => (await page.title()) === 'first, second, third');
    },
  },
];

for (const { heading, path, prepare, works, stays = [], without } of CASES) {
  describe(heading, () => {
    const [code = '', client] = codeOf(heading);

    test('works by the lines of the page, with nothing blocked but what it names', async () => {
      const bundle = client === undefined ? undefined : await bundled(client);
      await using application = await startCode(code, { REDIS_URL: redis.url }, (folder) => {
        prepare?.(folder);
        if (bundle === undefined) return;
        mkdirSync(join(folder, 'public'));
        writeFileSync(join(folder, 'public/client.js'), bundle);
      });
      const { page, blocked } = await openPage(application, path);
      await works(page, application);
      await page.context().close();
      assert.deepEqual(
        blocked.filter((what) => !stays.some((one) => one.test(what))),
        [],
      );
    });

    if (without === undefined) return;
    test('is broken without its line', async () => {
      await using application = await startCode(
        code.replace(cspOf(code) ?? 'no csp', 'csp: {}'),
        { REDIS_URL: redis.url },
        prepare,
      );
      const { page, blocked } = await openPage(application, path);
      await until(`${without} is blocked`, () => blocked.some((what) => without.test(what)));
      await page.context().close();
    });
  });
}

describe('helmet', () => {
  const [code = ''] = codeOf('helmet');
  const options = '{ contentSecurityPolicy: false, xFrameOptions: false }';

  test('left in without its policy changes nothing, and the log has nothing to say', async () => {
    await using application = await startCode(code);
    const { page, blocked } = await openPage(application, '/');
    assert.equal(await page.title(), 'ran');
    assert.deepEqual(blocked, []);
    assert.doesNotMatch(application.said(), /sys_header_raised/);
    await page.context().close();
  });

  test('with its policy stops a script that has our nonce, and the log names its page', async () => {
    assert.ok(code.includes(options));
    await using application = await startCode(code.replace(options, ''));
    const { page, blocked } = await openPage(application, '/');
    assert.equal(await page.title(), 'Home');
    assert.deepEqual(blocked, ['script-src-elem inline']);
    await until('the log says so', () => application.said().includes('docs/guides/leaving/helmet.md'));
    await page.context().close();
  });
});

test('passport proves who somebody is, and the session is ours: rule, new cookie, event', async () => {
  await using application = await startCode(codeOf('passport')[0] ?? '');
  const { page, blocked } = await openPage(application, '/account');
  assert.equal(await page.title(), 'Sign in', 'nobody is signed in');
  await signIn(page, 'wrong');
  await page.waitForURL('**/login?again');
  await until('the failure is logged', () => application.said().includes('authn_login_fail'));
  await signIn(page, 'made up for this page');
  await page.waitForURL('**/account');
  assert.equal(await page.title(), 'Account 7');
  assert.match(application.said(), /"event":"session_created".*"account":"7"/);
  assert.deepEqual(blocked, []);
  await page.context().close();
});

test('the table has the versions that were tried, and the lines of the code', () => {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| ['));
  const seen = [...CASES, { heading: 'helmet', packages: ['helmet'] }, PASSPORT].map((one) => {
    const row = rows.find((line) => one.packages.every((name) => line.includes(`\`${name}\``))) ?? '';
    const [, , versions = '', what = ''] = row.split(' | ').map((cell) => cell.trim());
    assert.equal(
      row.split(' | ')[1],
      [...new Set(one.packages.map((name) => dependencies[name]))].join(', '),
    );
    const line = cspOf(row);
    const inCode = cspOf(codeOf(one.heading)[0] ?? '');
    assert.deepEqual(line && read(line), inCode && read(inCode), `${one.heading}: ${versions} ${what}`);
    return row;
  });
  assert.deepEqual(seen.toSorted(), rows.toSorted(), 'each row is tried');
});

const PASSPORT = { heading: 'passport', packages: ['passport', 'passport-local'] };

function read(line: string): unknown {
  return JSON.parse(runInNewContext(`JSON.stringify({ ${line} })`) as string);
}

async function askedInSwagger(page: Page): Promise<void> {
  await page.locator('.opblock-summary-control').first().click();
  await page.locator('.try-out__btn').click();
  await page.locator('.execute').click();
  await page.locator('.live-responses-table').getByText('first note').first().waitFor();
}

async function signIn(page: Page, password: string): Promise<void> {
  await page.fill('[name=username]', 'ada');
  await page.fill('[name=password]', password);
  await page.click('button');
}

/** The status of a WebSocket handshake that a page of another site makes. */
function handshakeFrom(origin: string, application: Application): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      Origin: origin,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    ask(`${application.origin}/socket.io/?EIO=4&transport=websocket`, { headers })
      .on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('upgrade', (_response, socket) => {
        socket.destroy();
        resolve(101);
      })
      .on('error', reject)
      .end();
  });
}

/** The client of a page in one file, as a bundler makes it. */
async function bundled(code: string): Promise<string> {
  const entry = join(FOLDER, 'node_modules/.applications/client.js');
  mkdirSync(join(entry, '..'), { recursive: true });
  writeFileSync(entry, code);
  const bundle = await rolldown({ input: entry, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return output[0].code;
}
