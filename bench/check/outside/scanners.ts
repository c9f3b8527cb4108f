/** Scanners that ask a running site from outside, each as its own documentation says that it is run. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { RunningSite } from './sites.ts';

/** One thing that a scanner says, in words by which the key knows it again. */
export type SaidOutside = string;

/** One scanner. */
export interface OutsideScanner {
  readonly name: string;
  /** Undefined where it is not installed, or has nothing to look at. */
  readonly scan: (site: RunningSite) => Promise<readonly SaidOutside[] | undefined>;
}

type Json = Readonly<Record<string, unknown>>;

const run = promisify(execFile);
/** Those that fetch lists or wait for a call from the internet see nothing here: nikto, wapp, cms, ssrf, xxe, log4shell. */
const MODULES =
  'backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,https_redirect,methods,permanentxss,redirect,sql,timesql,upload,xss';
/** What testssl.sh says besides faults: that all is well, and what it has seen. */
const GOOD = new Set(['OK', 'INFO', 'DEBUG']);

/** Those of a folder that compare.sh has filled. */
export function outsideScannersIn(tools: string): readonly OutsideScanner[] {
  const packages = join(tools, 'node_modules');
  return [
    { name: 'wapiti', scan: (site) => wapiti(join(tools, 'wapiti/bin/wapiti'), site) },
    {
      name: 'MDN Observatory',
      scan: (site) => observatory(join(packages, '@mdn/mdn-http-observatory'), site),
    },
    { name: 'csp_evaluator', scan: (site) => cspEvaluator(join(packages, 'csp_evaluator'), site) },
    { name: 'testssl.sh', scan: (site) => testssl('/usr/bin/testssl', site) },
    { name: 'sslyze', scan: (site) => sslyze(join(tools, 'sslyze/bin/sslyze'), site) },
  ];
}

async function wapiti(
  program: string,
  { url, account }: RunningSite,
): Promise<readonly string[] | undefined> {
  if (!existsSync(program)) return undefined;
  return withReport(async (report) => {
    const signIn =
      account === undefined
        ? []
        : ['--form-user', account.name, '--form-password', account.password, '--form-url', account.page];
    const limits = ['--max-scan-time', '240', '--max-attack-time', '40', '--timeout', '5'];
    const args = ['-u', url, '-m', MODULES, '-f', 'json', '-o', report, '--flush-session', '--no-bugreport'];
    await run(program, [...args, ...limits, ...signIn], { timeout: 300_000, maxBuffer: 1 << 26 });
    const said = JSON.parse(readFileSync(report, 'utf8')) as Readonly<Record<string, Json>>;
    return ['vulnerabilities', 'anomalies', 'additionals'].flatMap((part) =>
      Object.entries(said[part] ?? {}).flatMap(([kind, all]) =>
        (all as readonly Json[]).map(
          (one) =>
            `${kind}: ${String(one['method'])} ${String(one['path'])} ${String(one['parameter'])}: ${String(one['info'])}`,
        ),
      ),
    );
  });
}

/** Its command line asks ports 80 and 443 alone; its parts take others. */
async function observatory(
  folder: string,
  { httpPort, httpsPort }: RunningSite,
): Promise<readonly string[] | undefined> {
  if (!existsSync(folder) || httpsPort === undefined || httpPort === undefined) return undefined;
  const part = async (path: string): Promise<Json> =>
    (await import(pathToFileURL(join(folder, 'src', path)).href)) as Json;
  const retrieve = (await part('retriever/retriever.js'))['retrieve'] as (
    name: string,
    ports: Json,
  ) => Promise<Json>;
  const tests = (await part('constants.js'))['ALL_TESTS'] as readonly ((seen: Json) => Json)[];
  const seen = await retrieve('localhost', { httpPort, httpsPort });
  return tests
    .map((one) => one(seen))
    .flatMap((one) => (one['pass'] === true ? [] : [String(one['result'])]));
}

/** It judges a policy: the one of the first page. */
async function cspEvaluator(folder: string, site: RunningSite): Promise<readonly string[] | undefined> {
  const policy = existsSync(folder) ? await policyOf(site.url) : undefined;
  if (policy === undefined) return undefined;
  const script = `
    const { CspEvaluator } = require('csp_evaluator');
    const { CspParser } = require('csp_evaluator/dist/parser');
    const { Type } = require('csp_evaluator/dist/finding');
    const { csp } = new CspParser(process.argv[1]);
    const all = new CspEvaluator(csp).evaluate();
    console.log(JSON.stringify(all.map(({ type, directive, value }) => [Type[type], directive, value].join(' '))));`;
  const { stdout } = await run(process.execPath, ['-e', script, policy], { cwd: join(folder, '../..') });
  return JSON.parse(stdout) as readonly string[];
}

/** Versions, suites, forward secrecy, the certificate, headers and known holes; no clients are acted. */
const PARTS = ['--protocols', '--std', '--pfs', '--server-defaults', '--headers', '--vulnerable'];

async function testssl(program: string, { httpsPort }: RunningSite): Promise<readonly string[] | undefined> {
  if (!existsSync(program) || httpsPort === undefined) return undefined;
  return withReport(async (report) => {
    const args = [
      '--quiet',
      '--color',
      '0',
      '--jsonfile',
      report,
      '--ip',
      '127.0.0.1',
      ...PARTS,
      `localhost:${httpsPort}`,
    ];
    // Its exit code counts what it found.
    await run(program, args, { timeout: 280_000, maxBuffer: 1 << 26 }).catch(() => undefined);
    // One by one: what is cut off is no JSON as a whole.
    const all = readFileSync(report, 'utf8').match(/\{[^{}]*\}/g) ?? [];
    return all
      .map((one) => JSON.parse(one) as Json)
      .flatMap((one) =>
        GOOD.has(String(one['severity']))
          ? []
          : [`${String(one['id'])} ${String(one['severity'])}: ${String(one['finding'])}`],
      );
  });
}

/** Measured against Mozilla's intermediate settings, which is what it does by itself. */
async function sslyze(program: string, { httpsPort }: RunningSite): Promise<readonly string[] | undefined> {
  if (!existsSync(program) || httpsPort === undefined) return undefined;
  const { stdout } = await run(program, [`localhost:${httpsPort}`], {
    timeout: 120_000,
    maxBuffer: 1 << 26,
  }).catch((error: unknown) => error as { readonly stdout: string });
  const compliance = stdout.slice(stdout.indexOf('COMPLIANCE AGAINST'));
  return [...compliance.matchAll(/^\s+\* (?<fault>[^\n]+)/gm)].map(({ groups }) => groups?.['fault'] ?? '');
}

/** Without looking at who answers: its certificate is none that this machine trusts. */
async function policyOf(url: string): Promise<string | undefined> {
  const { stdout } = await run('curl', ['-sk', '-o', '/dev/null', '-D', '-', url]);
  return /^content-security-policy:\s*(?<policy>[^\r\n]+)/im.exec(stdout)?.groups?.['policy'];
}

async function withReport<T>(use: (report: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-compare-'));
  try {
    return await use(join(folder, 'report.json'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
