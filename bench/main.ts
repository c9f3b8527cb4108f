/** `npm run bench`: Bulwark beside its peers, in one run. */
import { parseArgs } from 'node:util';
import { runAudit } from './audit/main.ts';
import { runCheck } from './check/main.ts';
import { runConsole } from './console/main.ts';
import { runGateway } from './gateway/main.ts';
import { runInput } from './input/main.ts';
import { missingForLoad } from './load/cores.ts';
import { type ImportResult, runImports, showImports } from './parts/imports.ts';
import { type LogInsRow, runLogIns, showLogIns } from './parts/log-ins.ts';
import { type ProfileResult, runProfile, showProfile } from './parts/profile.ts';
import { runScale, showScale } from './parts/scale.ts';
import { runSignIns, showSignIns, type SignInPair } from './parts/sign-ins.ts';
import { runStacks, showStacks } from './parts/stacks.ts';
import { budgets, budgetTable } from './report/budgets.ts';
import { type Machine, thisMachine } from './report/machine.ts';
import { writePage } from './report/page.ts';
import type { Row } from './report/summary.ts';
import { plainTable } from './report/table.ts';
import type { Curve } from './scale/curves.ts';
import { STACKS } from './stacks/all.ts';

const HELP = `Usage: npm run bench -- [PART...] [OPTIONS]

Measures Bulwark beside its peers, in one run on this machine. A ratio of one run means something; a figure from
another machine, or from a busy one, does not.

Parts (all of them if none is named: about 12 minutes)
  stacks     requests/s, p50, p99, CPU, Redis round trips and header bytes of equal-feature stacks
  log-ins    p99 of a page while log-ins saturate the hashing of passwords
  sign-ins   whether the time of an answer tells which names have accounts: 200 of each kind, and a statistical test
  scale      limiters at 1,000 to 10,000,000 clients, sessions to 1,000,000, routes to 10,000; a flood of addresses
  import     cold imports, and start-up to first answer, of the package as it is built
  profile    where the CPU time of a secured stack goes, by function and line
  audit      by itself: an event of the log beside a line of pino, verify, search (npm run bench -- audit --help)
  console    by itself: the operators' console over 10,000,000 events (npm run bench -- console --help)
  input      by itself: files of 100 MB and JSON beside other readers (npm run bench -- input --help)
  check      by itself: what the check finds, how fast beside bandit, its memory (npm run bench -- check --help)
  gateway    by itself: the gateway beside nginx, Caddy and HAProxy (npm run bench -- gateway --help)

Options
  --quick          a short run, for development: its figures are rough
  --only NAMES     stacks, with commas: by name, kind (bare, peers, lean, bulwark) or framework (express, ...)
  --rounds N       slices of a second for each stack; unless it is said 6, and up to 18 while they are far apart
  --profile NAMES  stacks to profile, with commas; node-bulwark and express-bulwark unless it is said
  --json           figures as JSON on standard output; progress is on standard error
  --write          writes docs/performance.md and its plots: takes a full run
  --help

Stacks
  ${STACKS.map(({ name }) => name).join(', ')}

Examples
  npm run bench
  npm run bench -- stacks --quick --only node:http
  npm run bench -- stacks --only express --rounds 10 --json > figures.json
  npm run bench -- profile --profile fastify-bulwark
  npm run bench -- --write

Exit codes: 0 measured, whatever the figures; 1 a stack lacks a feature, or something is missing or failed; 2 the
command line was wrong.`;

const PARTS = ['stacks', 'log-ins', 'sign-ins', 'scale', 'import', 'profile'] as const;
type Part = (typeof PARTS)[number];

interface Results {
  readonly machine: Machine;
  stacks?: readonly Row[];
  logIns?: readonly LogInsRow[];
  signIns?: readonly SignInPair[];
  scale?: readonly Curve[];
  imports?: ImportResult;
  profiles?: readonly ProfileResult[];
}

interface Settings {
  readonly parts: readonly Part[];
  readonly quick: boolean;
  readonly only: readonly string[];
  readonly rounds: number | undefined;
  readonly profile: readonly string[];
  readonly json: boolean;
  readonly write: boolean;
}

if (process.argv[2] === 'gateway') await runGateway(process.argv.slice(3));
else if (process.argv[2] === 'audit') await runAudit(process.argv.slice(3));
else if (process.argv[2] === 'console') await runConsole(process.argv.slice(3));
else if (process.argv[2] === 'input') await runInput(process.argv.slice(3));
else if (process.argv[2] === 'check') await runCheck(process.argv.slice(3));
else await main();

async function main(): Promise<void> {
  const settings = readSettings();
  const missing = missingForLoad();
  if (missing !== undefined) fail(1, missing);
  const started = performance.now();
  const results: Results = { machine: thisMachine() };
  const say = (text: string): void => {
    if (!settings.json) console.log(`\n${text}`);
  };
  for (const part of settings.parts) say(await runPart(part, settings, results));
  if (settings.json) console.log(JSON.stringify(results, undefined, 2));
  else sayBudgets(results, say);
  if (settings.write) write(results, (performance.now() - started) / 60_000);
}

async function runPart(part: Part, settings: Settings, results: Results): Promise<string> {
  const { quick } = settings;
  switch (part) {
    case 'stacks':
      results.stacks = await runStacks(settings);
      return showStacks(results.stacks);
    case 'log-ins':
      results.logIns = await runLogIns(quick);
      return showLogIns(results.logIns);
    case 'sign-ins':
      results.signIns = await runSignIns(quick);
      return showSignIns(results.signIns);
    case 'scale':
      results.scale = runScale(quick);
      return showScale(results.scale);
    case 'import':
      results.imports = runImports(quick);
      return showImports(results.imports);
    case 'profile': {
      const profiles: ProfileResult[] = [];
      for (const name of settings.profile) profiles.push(await runProfile(name, quick));
      results.profiles = profiles;
      return profiles.map(showProfile).join('\n\n');
    }
  }
}

function sayBudgets(results: Results, say: (text: string) => void): void {
  const { stacks = [], logIns = [], scale = [], imports = { bareNode: 0, rows: [] } } = results;
  const all = budgets({ stacks, logIns, scale, imports });
  if (all.length > 0) say(`promises\n\n${plainTable(budgetTable(all)).replaceAll('**', '')}`);
}

function write({ machine, stacks, logIns, scale, imports, profiles }: Results, minutes: number): void {
  if (stacks && logIns && scale && imports && profiles) {
    const files = writePage({ machine, minutes, stacks, logIns, scale, imports, profiles });
    console.error(`Written: ${files.join(', ')}`);
  }
}

function readSettings(): Settings {
  const { values, positionals } = readArguments();
  if (values.help === true) {
    console.log(HELP);
    process.exit(0);
  }
  const unknown = positionals.filter((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown.length > 0) fail(2, `There is no part ${unknown.join(', ')}: ${PARTS.join(', ')}.`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) fail(2, '--rounds takes a number.');
  const [only, profile] = [namesOf(values.only), namesOf(values.profile)];
  const partial = positionals.length > 0 || only.length > 0 || profile.length > 0;
  if (values.write === true && (partial || values.quick === true)) {
    fail(2, '--write takes a full run: no parts, and neither --quick, --only nor --profile.');
  }
  return {
    parts: positionals.length === 0 ? PARTS : PARTS.filter((part) => positionals.includes(part)),
    quick: values.quick === true,
    only: checkOnly(only),
    rounds,
    profile: profile.length === 0 ? ['node-bulwark', 'express-bulwark'] : checkOnly(profile),
    json: values.json === true,
    write: values.write === true,
  };
}

function checkOnly(names: readonly string[]): readonly string[] {
  const known = new Set(STACKS.flatMap(({ name, kind, framework }) => [name, kind, framework.toLowerCase()]));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) fail(2, `There is no stack ${unknown.join(', ')}.`);
  return names;
}

function namesOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter((name) => name !== '');
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the options below are the type
function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        profile: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        write: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return fail(2, (error as Error).message);
  }
}

function fail(code: 1 | 2, message: string): never {
  console.error(`${message}\nnpm run bench -- --help says more.`);
  process.exit(code);
}
