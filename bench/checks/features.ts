/**
 * Proves that a stack does what it is compared for, before it is measured: a peer that is half set up would make
 * Bulwark look good, and a Bulwark that is, too.
 */
import assert from 'node:assert/strict';
import { ACCOUNT, TOKEN_FIELD } from '../stacks/application.ts';
import { type Answer, ask, Browser, NAVIGATION_HEADERS, proxyHeaders } from './browser.ts';

/** What was seen of a secured stack. */
export interface Features {
  /** Bytes of the response head of the page, for someone who is signed in. */
  readonly pageHeadBytes: number;
  /** Bytes of the `Cookie` header of someone who is signed in. */
  readonly cookieBytes: number;
  /** The `Cookie` header of someone who is signed in. */
  readonly cookie: string;
  /** Whether the page gives a visitor a cookie. */
  readonly cookieForVisitor: boolean;
  /** Whether the page sends a cookie to someone who has all of them. */
  readonly cookieOnEachPage: boolean;
}

/**
 * Goes through a secured application as a visitor, signs in and sends forms.
 *
 * @throws AssertionError for the first feature that is not there
 */
export async function checkSecured(port: number): Promise<Features> {
  const visitor = new Browser(port);
  const landing = await visitor.open('/');
  checkPage(landing, 'a visitor');
  const cookieForVisitor = landing.headers.has('set-cookie');
  assert.notEqual(nonceOf(landing), nonceOf(await visitor.open('/')), 'each response has a nonce of its own');
  checkData(await visitor.open('/data'), null);

  const { page, browser } = await signIn(port);
  checkPage(page, ACCOUNT);
  assert.match(page.headers.get('cache-control') ?? '', /\bno-store\b/, 'a page of a session is in no cache');
  checkData(await browser.open('/data'), ACCOUNT);
  await checkMadeUpSession(port, browser);
  await checkForms(browser, tokenOf(page));
  return {
    pageHeadBytes: page.headBytes,
    cookieBytes: browser.cookie.length,
    cookie: browser.cookie,
    cookieForVisitor,
    cookieOnEachPage: (await browser.open('/')).headers.has('set-cookie'),
  };
}

/** A browser that has signed in, and the page it sees. */
export async function signIn(port: number): Promise<{ page: Answer; browser: Browser }> {
  const browser = new Browser(port);
  const answer = await browser.post('/sign-in', tokenOf(await browser.open('/')));
  assert.equal(answer.status, 200, `signing in: ${answer.body}`);
  // Some stacks give a new token with the first page after it.
  await browser.open('/');
  return { page: await browser.open('/'), browser };
}

/**
 * Asks more often than a stack was told to let through.
 *
 * @throws AssertionError where it lets more through, or fewer
 */
export async function checkLimit(port: number, count: number): Promise<void> {
  const statuses: number[] = [];
  const client = nextClient();
  for (let turn = 0; turn < count + 2; turn += 1) statuses.push((await visit(port, client)).status);
  const expected = [...Array<number>(count).fill(200), 429, 429];
  assert.deepEqual(statuses, expected, `a limit of ${count} lets ${count} through`);
  const other = await visit(port, nextClient());
  assert.equal(other.status, 200, 'each client has its own count');
}

/** A bare application serves the page and the data, and none of the rest. */
export async function checkBare(port: number): Promise<Pick<Features, 'pageHeadBytes'>> {
  const page = await visit(port, '203.0.113.7');
  assert.equal(page.status, 200);
  assert.ok(page.body.includes('a visitor'));
  assert.ok(!page.headers.has('content-security-policy'));
  checkData(await ask(port, '/data', { headers: proxyHeaders() }), null);
  return { pageHeadBytes: page.headBytes };
}

/** The token in the form of a page. */
function tokenOf(page: Answer): string {
  return new RegExp(`name="${TOKEN_FIELD}" value="([^"]*)"`).exec(page.body)?.[1] ?? '';
}

function nonceOf(page: Answer): string {
  return /<script nonce="([^"]*)">/.exec(page.body)?.[1] ?? '';
}

let clients = 0;

/** Nobody has asked from this address yet. */
function nextClient(): string {
  clients += 1;
  return `198.51.100.${clients}`;
}

function visit(port: number, client: string): Promise<Answer> {
  return ask(port, '/', { headers: { ...NAVIGATION_HEADERS, ...proxyHeaders(client) } });
}

function checkPage(page: Answer, account: string): void {
  assert.equal(page.status, 200);
  assert.ok(page.body.includes(`<p id="account">${account}</p>`), `the page is for ${account}`);
  assert.ok(page.body.length > 1900 && page.body.length < 2400, `${page.body.length} bytes are about 2 KB`);
  const policy = page.headers.get('content-security-policy') ?? '';
  const nonce = nonceOf(page);
  assert.ok(nonce.length >= 22, 'a nonce has 128 bits');
  assert.ok(policy.includes(`'nonce-${nonce}'`), 'the header has the nonce of the page');
  for (const name of ['strict-transport-security', 'x-content-type-options', 'referrer-policy']) {
    assert.ok(page.headers.has(name), name);
  }
  assert.ok(page.headers.has('x-frame-options') || policy.includes('frame-ancestors'), 'no frames');
  assert.ok(
    [...page.headers.keys()].some((name) => name.includes('ratelimit')),
    'where the client stands',
  );
}

function checkData(answer: Answer, account: string | null): void {
  assert.equal(answer.status, 200);
  assert.equal((JSON.parse(answer.body) as { account: string | null }).account, account);
}

/** A cookie of the right form that no server gave out opens nothing. */
async function checkMadeUpSession(port: number, { cookie }: Browser): Promise<void> {
  const [first = ''] = cookie.split('; ');
  const madeUp = first.replace(/(?<==(?:s%3A)?.{4}).{6}/, 'AAAAAA');
  assert.notEqual(madeUp, first);
  const answer = await ask(port, '/', {
    headers: { ...NAVIGATION_HEADERS, ...proxyHeaders(), Cookie: madeUp },
  });
  assert.equal(answer.status, 200);
  assert.ok(answer.body.includes('a visitor'), 'a made-up session is nobody');
}

/** What speaks for a form is its token, or where it comes from: one of them must have made the difference. */
async function checkForms(browser: Browser, token: string): Promise<void> {
  assert.ok(token.length >= 20, 'the form has a token');
  // Not the last sign: some of its bits say nothing.
  const forged = token.replace(/^./, (first) => (first === '0' ? '1' : '0'));
  assert.equal((await browser.post('/form', token)).status, 200, "the page's own form passes");
  assert.equal((await browser.postFromElsewhere('/form')).status, 403, 'a form of another site is refused');
  assert.equal(
    (await browser.postSilently('/form', undefined)).status,
    403,
    'no token and no origin is refused',
  );
  assert.equal((await browser.postSilently('/form', forged)).status, 403, 'a forged token is refused');
  const byToken = (await browser.postSilently('/form', token)).status === 200;
  const withoutToken = (await browser.post('/form', undefined)).status === 403;
  assert.ok(byToken || withoutToken, 'the token makes a difference');
}
