/** `bulwark csp try URL`: a page in Chromium, under the policy as report-only, and the lines that it needs. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { escapedJson } from '../audit/escaped-json.ts';
import { additionsFor, needsOf, type OwnCode, type SeenViolation } from '../controls/csp/advice.ts';
import { compilePolicy } from '../controls/csp/csp-builder.ts';
import { cspOptions, type CspSettings } from '../controls/csp/csp.options.ts';
import { withSamples } from '../controls/csp/reporting.ts';
import { maskedSample } from '../controls/reports/mask.ts';
import { readReports } from '../controls/reports/read-report.ts';
import { defaultsOf } from '../core/options.ts';
import { loadPackage } from '../core/optional-package.ts';
import { loadHtmlTokens } from '../gateway/pages/html-tokens.ts';
import { hashSource, PageReader } from '../gateway/pages/page-code.ts';
import { policyOf } from './csp-look.ts';
import { linesOf } from '../console/csp-lines.ts';
import { patternOf } from '../policy/pattern-of.ts';
import { needsText } from './csp-text.ts';
import { AnsweredNo, Failed, strong, type Terminal, WrongUse } from './terminal.ts';

/** What the command takes. */
export interface TryFlags {
  readonly policy?: string;
  readonly browser?: string;
  readonly cookie?: readonly string[];
  readonly insecure?: true;
  readonly json?: true;
}

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const LOAD_MS = 30_000;
/** What a page does on its own once it is read. */
const SETTLE_MS = 2_000;
/** A page of endless violations is known after these. */
const MOST_VIOLATIONS = 2_000;

/** Shows the page, and writes what it needs. */
export async function tryPage(address: string, flags: TryFlags, terminal: Terminal): Promise<void> {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new WrongUse('The page is an address by http or https.');
  const { directives, trustedTypes } = await tested(flags.policy, url.pathname);
  const { violations, code } = await seenOn(url, { directives, trustedTypes }, flags);
  const needs = needsOf(violations, directives, code);
  const additions = additionsFor(needs, directives, true);
  const open = needs.filter(({ source }) => source !== undefined);
  const others = needs.filter(({ source }) => source === undefined);
  if (flags.json === true) terminal.out.write(`${escapedJson({ needs, additions })}\n`);
  else {
    const lines = linesOf(additions);
    const text = [
      ...needsText('Needs a source', open, terminal.out),
      ...needsText('Needs another way: no source should be named for it', others, terminal.out),
      ...(lines.length === 0 ? [] : [strong('Write', terminal.out), ...lines]),
      ...(needs.length === 0 ? ['The page needs nothing that the policy does not have.'] : []),
    ];
    terminal.out.write(`${text.join('\n')}\n`);
  }
  if (others.length > 0) throw new AnsweredNo();
}

type Tested = Pick<CspSettings, 'directives' | 'trustedTypes'>;

/** The policy of a file for this very page; what pages are sent by default, where none is named. */
async function tested(file: string | undefined, path: string): Promise<Tested> {
  if (file === undefined) return defaultsOf(cspOptions);
  const { csp, routes, state } = await policyOf(file);
  await state.close();
  const own = routes.find('GET', path, path).csp;
  return {
    directives: { ...csp.directives, ...own?.directives },
    trustedTypes: own?.trustedTypes ?? csp.trustedTypes,
  };
}

interface Seen {
  readonly violations: readonly SeenViolation[];
  readonly code: readonly OwnCode[];
}

async function seenOn(url: URL, policy: Tested, flags: TryFlags): Promise<Seen> {
  const browser = await launch(flags.browser);
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: flags.insecure === true });
    // For that site alone: what else the page loads gets none of it.
    await context.addCookies(cookiesOf(flags.cookie ?? [], url.origin));
    const page = await context.newPage();
    const reports: unknown[] = [];
    await page.exposeBinding('bulwarkSaw', ({ frame }, report: unknown) => {
      if (frame === page.mainFrame() && reports.length < MOST_VIOLATIONS) reports.push(report);
    });
    await page.addInitScript(LISTEN);
    await putPolicy(page, url.origin, policy);
    const answer = await page
      .goto(url.href, { timeout: LOAD_MS, waitUntil: 'load' })
      .catch((error: unknown) => {
        const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
        throw new Failed(`The page could not be opened: ${line}`, { cause: error });
      });
    await page.waitForTimeout(SETTLE_MS);
    const origin = new URL(page.url()).origin;
    const html = (await answer?.text()) ?? '';
    return {
      violations: reports.flatMap((body) => violationsOf(body, origin)),
      code: await codeIn(html, url.pathname),
    };
  } finally {
    await browser.close();
  }
}

function cookiesOf(pairs: readonly string[], url: string): { name: string; value: string; url: string }[] {
  return pairs.map((pair) => {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]{1,200})=(.{0,4000})$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) throw new WrongUse('--cookie takes name=value.');
    return { name, value, url };
  });
}

/**
 * In the page: Chromium tells the document of what is blocked at once, and endpoints a minute later. The address is that which
 * the policy was sent for, whatever the page's script makes of it afterwards.
 */
const LISTEN = `{ const documentURL = location.href; addEventListener('securitypolicyviolation', (event) => globalThis.bulwarkSaw({
  documentURL, effectiveDirective: event.effectiveDirective, blockedURL: event.blockedURI,
  disposition: event.disposition, sample: event.sample, sourceFile: event.sourceFile, lineNumber: event.lineNumber })); }`;

/** Puts the policy in the place of the page's own, as report-only: so that everything it would block is seen in one go. */
async function putPolicy(page: Page, origin: string, { directives, trustedTypes }: Tested): Promise<void> {
  const pieces = compilePolicy(
    withSamples(directives),
    ...(trustedTypes ? ["require-trusted-types-for 'script'"] : []),
  );
  const session = await page.context().newCDPSession(page);
  const put = async ({
    requestId,
    responseHeaders = [],
    responseStatusCode = 200,
  }: Paused): Promise<void> => {
    // Its scripts bear the nonce that it has sent.
    const nonce = responseHeaders
      .filter(({ name }) => POLICY.test(name))
      .map(({ value }) => /'nonce-([\w+/=-]{1,200})'/.exec(value)?.[1])
      .find((one) => one !== undefined);
    const value = pieces.join(nonce ?? 'no-nonce-was-sent');
    const headers = [
      ...responseHeaders.filter(({ name }) => !POLICY.test(name) && !OF_BODY.test(name)),
      { name: 'Content-Security-Policy-Report-Only', value },
    ];
    const { body, base64Encoded } = await session.send('Fetch.getResponseBody', { requestId });
    // An answer that only goes on has its policy read before it comes by here: only a new one has another.
    await session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: responseStatusCode,
      responseHeaders: headers,
      body: base64Encoded ? body : Buffer.from(body).toString('base64'),
    });
  };
  session.on('Fetch.requestPaused', (paused) => {
    const { request, requestId, responseStatusCode = 0 } = paused;
    const isPage = URL.parse(request.url)?.origin === origin && !REDIRECTS.has(responseStatusCode);
    const done = isPage ? put(paused) : session.send('Fetch.continueRequest', { requestId });
    // The page may be gone meanwhile: then nobody waits for it.
    done.catch(() => undefined);
  });
  await session.send('Fetch.enable', { patterns: [{ resourceType: 'Document', requestStage: 'Response' }] });
}

const POLICY = /^content-security-policy(?:-report-only)?$/i;
/** The body is unpacked by then. */
const OF_BODY = /^(?:content-(?:encoding|length)|transfer-encoding)$/i;
const REDIRECTS = new Set([0, 301, 302, 303, 307, 308]);

/** An answer that waits, as the DevTools protocol has it. */
interface Paused {
  readonly requestId: string;
  readonly responseStatusCode?: number;
  readonly responseHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** As reports are read, but of the page by its own name: what visitors' reports are masked for is nothing that the operator asked for. */
function violationsOf(body: unknown, origin: string): readonly SeenViolation[] {
  const text = JSON.stringify([{ type: 'csp-violation', url: origin, body }]);
  return (readReports(text, origin) ?? []).flatMap((report) => {
    if (typeof report === 'string') return [];
    const { page: masked, directive = '', blocked = '', sample = '', source = '', line } = report.facts;
    const page = pageOf(body) ?? masked;
    const place = source === masked ? page : source;
    return [{ page, directive, blocked, sample, source: place, line, count: 1, clients: 1 }];
  });
}

function pageOf(body: unknown): string | undefined {
  const { documentURL } = (body ?? {}) as { readonly documentURL?: unknown };
  const url = typeof documentURL === 'string' ? URL.parse(documentURL) : null;
  return url === null ? undefined : patternOf(url.pathname);
}

/** Scripts and styles that stand in the page as it came, by their hashes. */
async function codeIn(html: string, file: string): Promise<readonly OwnCode[]> {
  const found: OwnCode[] = [];
  const reader = new PageReader(await loadHtmlTokens(), ({ kind, text, isWhole }) => {
    if (isWhole && (kind === 'script' || kind === 'style'))
      found.push({ directive: `${kind}-src`, source: hashSource(text), sample: maskedSample(text), file });
  });
  reader.push(Buffer.from(html));
  await reader.end();
  return found;
}

async function launch(named: string | undefined): Promise<Browser> {
  const { chromium } = await loadPackage('playwright-core', () => import('playwright-core'));
  const executablePath = named ?? findChromium() ?? chromium.executablePath();
  if (!existsSync(executablePath))
    throw new Failed(
      named === undefined
        ? 'There is no Chromium here: install one (apt install chromium, npx playwright-core install chromium), or name it with --browser.'
        : `There is no ${named}.`,
    );
  // Its sandbox does not start for root, as whom containers run everything.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  try {
    return await chromium.launch({ executablePath, args });
  } catch (cause) {
    throw new Failed(`${executablePath} does not start: is it a Chromium?`, { cause });
  }
}

function findChromium(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    for (const program of PROGRAMS) if (existsSync(join(folder, program))) return join(folder, program);
  return undefined;
}
