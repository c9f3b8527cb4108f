/** `bulwark check URL`: the go-live checklist, asked of a running application. */
import type { Command } from 'commander';
import type { CheckOptions } from '../check/check.ts';
import type { CheckReport } from '../check/report.ts';
import { nearest } from '../core/nearest.ts';
import type { Level, Rule } from '../core/rule.ts';
import { asJson, asText, type Shown } from './check-report.ts';
import { AnsweredNo, CouldNotLook, progressOn, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly plain?: string | false;
  readonly ownHost?: true;
  readonly burst?: string;
  readonly only?: string;
  readonly failLevel: string;
  readonly verbose?: true;
  readonly json?: true;
}

const LEVELS: readonly Level[] = ['note', 'warning', 'error'];

const HELP = `
URL is the address of a page: of the front page, of one with a form, of the sign-in. Each rule asks for what it has to
see, and ends with held, with what fell short, or with not seen and why. Nothing but this site is asked, 300 requests at
most, and without --own-host only such as any visitor sends. With it, requests are sent that look like attacks, or that post
the first form of the page as it stands: for a host that is yours, and rather for one that nobody works on.

Exit codes: 0 nothing fell short at or over the level, 1 something did, 2 nothing could be seen, the site said that too much
was asked of it, or wrong use.

Examples:
  bulwark check https://files.example.com/
  bulwark check https://staging.example.com/ --own-host --burst 300
  bulwark check http://localhost:3000/ --own-host --only csrf.origin,csp.script-src
  bulwark check https://files.example.com/ --json > check.json`;

/** Gives the command its arguments, options and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('test a running application against the go-live checklist')
    .argument('<url>', 'the address of a page')
    .option('--own-host', 'the host is yours: send what looks like an attack, and post a form')
    .option('--burst <n>', 'send so many requests in a row to find a limit; with --own-host')
    .option('--plain <url>', 'the same site over plain http; default: port 80, where https is at port 443')
    .option('--no-plain', 'ask nothing over plain http')
    .option('--only <ids>', 'only these rules, with commas between')
    .option('--fail-level <level>', 'what makes the exit code 1: note, warning or error', 'warning')
    .option('-v, --verbose', 'show what held, too, and what showed it')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (url: string, flags: Flags) => {
      const level = LEVELS.find((one) => one === flags.failLevel);
      if (level === undefined) throw new WrongUse('--fail-level is note, warning or error.');
      const { loadRules } = await import('../check/load-rules.ts');
      const rules = chosen(await loadRules(), flags.only);
      const report = await look(url, flags, rules, terminal);
      const shown: Shown = { report, rules, verbose: flags.verbose === true };
      terminal.out.write(flags.json === true ? asJson(shown) : asText(shown, terminal.out));
      conclude(report, level);
    });
}

async function look(
  url: string,
  flags: Flags,
  rules: readonly Rule[],
  { err }: Terminal,
): Promise<CheckReport> {
  const { check } = await import('../check/check.ts');
  const plain = flags.plain === undefined ? besideHttps(url) : flags.plain;
  const progress = progressOn(err, 'Looking');
  let ended = 0;
  const options: CheckOptions = {
    url,
    rules,
    ownHost: flags.ownHost === true,
    burst: readBurst(flags),
    onResult: () => progress?.((ended += 1) / rules.length),
    ...(typeof plain === 'string' && { plain }),
  };
  try {
    return await check(options);
  } catch (error) {
    if (error instanceof TypeError) throw new WrongUse(error.message);
    throw error;
  } finally {
    progress?.(1);
  }
}

/** Where browsers go that are told a name and nothing else. */
function besideHttps(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.port === '' ? `http://${url.hostname}` : undefined;
}

function readBurst({ burst, ownHost }: Flags): number {
  if (burst === undefined) return 0;
  if (!/^[1-9]\d{0,3}$/.test(burst)) throw new WrongUse('--burst is a number from 1 to 9999.');
  if (ownHost !== true) throw new WrongUse('--burst goes with --own-host: it spends what visitors need.');
  return Number(burst);
}

function chosen(rules: readonly Rule[], only: string | undefined): readonly Rule[] {
  if (only === undefined) return rules;
  const ids = rules.map(({ id }) => id);
  const asked = only.split(',').map((id) => id.trim());
  for (const id of asked) {
    if (ids.includes(id)) continue;
    const guess = nearest(id, ids);
    throw new WrongUse(`There is no rule ${id}${guess === undefined ? '' : `: did you mean ${guess}?`}`);
  }
  return rules.filter(({ id }) => asked.includes(id));
}

/** A no comes before what could not be seen: it is certain. */
function conclude({ results, counts }: CheckReport, level: Level): void {
  const bad = LEVELS.slice(LEVELS.indexOf(level));
  const found = results.flatMap((result) => (result.outcome === 'fell-short' ? result.findings : []));
  if (found.some((finding) => bad.includes(finding.level))) throw new AnsweredNo();
  if (counts.held + counts.fellShort === 0 || counts.limited > 0) throw new CouldNotLook();
}
