/** `bulwark check [URL] [--source DIR]`: the go-live checklist, asked of a running application and of its source. */
import type { Command } from 'commander';
import { type Baseline, judgeFindings, type Judged, NO_BASELINE } from '../check/baseline.ts';
import { allFindings, type CheckReport } from '../check/report/report.ts';
import type { Level, RuleFacts } from '../core/rule.ts';
import { loadBaseline } from './check-baseline.ts';
import { mendSource } from './check-fix.ts';
import { type Destination, planOutput, writeReports } from './check-output.ts';
import { repeated } from './flag.ts';
import { chosenRules, everyRule, type RuleFlags, rulesText } from './check-rules.ts';
import { type Chosen, rehearseCheck, runCheck, type RunFlags } from './check-run.ts';
import { watchAndTell } from './check-watch.ts';
import { AnsweredNo, CouldNotLook, Failed, type Terminal, WrongUse } from './terminal.ts';
import { programVersion } from './version.ts';

interface Flags extends RunFlags, RuleFlags {
  readonly only?: string;
  readonly tag?: string;
  readonly list?: true;
  readonly dryRun?: true;
  readonly failLevel: string;
  readonly baseline?: string;
  readonly format?: readonly string[];
  readonly output?: readonly string[];
  readonly verbose?: true;
  readonly json?: true;
  readonly fix?: true;
  readonly yes?: true;
  readonly watch?: true;
}

const LEVELS: readonly Level[] = ['note', 'warning', 'error'];

const HELP = `
URL is the address of a page: of the front page, of one with a form, of the sign-in. Each rule asks for what it has to
see, and ends with held, with what fell short, or with not seen and why. Nothing but this site is asked, 300 requests at
most, and without --active only such as any visitor sends. With it, requests are sent that look like attacks, or that post
the first form of the page as it stands: for a host that is yours, and rather for one that nobody works on. With --login and
--active, every form that somebody signed in finds is tried from elsewhere, and the sign-in is guessed at; what was changed is
listed at the end. docs/guides/check.md has what a profile looks like. --source reads files, runs nothing, and needs no Python.

Reports go to standard output, or with --output to files; each file gets the format that its ending or --format says.
A baseline is a report in JSON of an earlier run: what it has is not counted again. Beside its findings it may have waivers:
  "waivers": [{ "fingerprint": "...", "reason": "...", "owner": "...", "until": "2026-12-31" }]

--fix shows a diff of what needs no person to decide: each change was tried, and what it mends is gone with nothing new in that file. It
writes nothing through links, nothing outside of the folder, no file that has changed meanwhile, and none whose owner it cannot keep.
Lines that may hold secrets are masked in the diff: such a diff is for reading, and not for git apply; --yes writes the files whole.

Exit codes: 0 nothing new at or over the level, 1 something, or a waiver past its last day, 2 it could not run, could hardly
see anything, was told that too much was asked, or wrong use.

Examples:
  bulwark check https://files.example.com/
  bulwark check --source . --output check.sarif
  bulwark check https://staging.example.com/ --active --login profile.json --burst 300
  bulwark check http://localhost:3000/ --active --only csrf.origin,csp.script-src
  bulwark check https://files.example.com/ --output check.html --output check.sarif --output check.json
  bulwark check https://files.example.com/ --baseline check.json
  bulwark check --source . --fix                   # a diff; with --yes it is written, and looked at again
  bulwark check --source . --watch
  bulwark check --list
  bulwark explain csp.present`;

/** Gives the command its arguments, options and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('test an application against the go-live checklist, from outside and inside')
    .argument('[url]', 'the address of a page')
    .option('--source <dir>', 'read the source of the application, too')
    .option('--login <file>', 'the profile of an account to sign in with')
    .option('--active', 'the host is yours: send what looks like an attack, and post a form')
    .option('--own-host', 'the former name of --active')
    .option('--burst <n>', 'send so many requests in a row to find a limit; with --active')
    .option('--plain <url>', 'the same site over plain http; default: port 80, where https is at port 443')
    .option('--no-plain', 'ask nothing over plain http')
    .option('--only <ids>', 'only these rules, with commas between')
    .option('--tag <names>', 'only rules of these rooms, sections, ASVS or CWE ids, with commas between')
    .option(
      '--rules <package>',
      'a package or file with rules of others; may be given more than once',
      repeated,
    )
    .option('--policy <file>', 'the module that exports the policy as default: for its check.rules')
    .option(
      '--fix',
      'with --source: show as a diff what a program can mend of settings, headers, pins and images',
    )
    .option('--yes', 'with --fix: write it, and look again')
    .option('--watch', 'with --source: look again whenever a file changes, until q')
    .option('--dry-run', 'print what would be sent, and send nothing')
    .option('--list', 'print the rules, and run none')
    .option('--format <name>', 'text, json, sarif, junit, html; may be given more than once', repeated)
    .option('--output <file>', 'write the report there; may be given more than once', repeated)
    .option('--baseline <file>', 'what is known already, and what is waived')
    .option('--fail-level <level>', 'what makes the exit code 1: note, warning or error', 'warning')
    .option('-v, --verbose', 'show what held, too, and what showed it')
    .option('--json', 'the same as --format json')
    .addHelpText('after', HELP)
    .action(async (url: string | undefined, flags: Flags) => {
      const level = LEVELS.find((one) => one === flags.failLevel);
      if (level === undefined) throw new WrongUse('--fail-level is note, warning or error.');
      const plan = planOutput(flags);
      const chosen = await choose(url, flags);
      if (flags.list === true) {
        terminal.out.write(rulesText([...chosen.outside, ...chosen.inside], flags.json === true));
        return;
      }
      if (url === undefined && flags.source === undefined) {
        throw new WrongUse('Give the address of a page, --source with a folder, or both.');
      }
      if (flags.fix === true || flags.watch === true || flags.yes === true) requireSource(flags, url);
      if (flags.watch === true) return watchAndTell(chosen, level, terminal, { baseline: baselineOf(flags) });
      if (flags.dryRun === true) await rehearseCheck(chosen, terminal);
      else await runAndReport({ chosen, flags, plan, level, terminal });
    });
}

async function choose(url: string | undefined, flags: Flags): Promise<Chosen> {
  const { outside, inside } = await everyRule(flags);
  const ids = new Set(chosenRules([...outside, ...inside], flags).map(({ id }) => id));
  const isAsked = ({ id }: RuleFacts): boolean => ids.has(id);
  // What is listed is what there is; what runs is what was handed over.
  const all = flags.list === true;
  return {
    url,
    flags,
    outside: all || url !== undefined ? outside.filter(isAsked) : [],
    inside: all || flags.source !== undefined ? inside.filter(isAsked) : [],
  };
}

interface Job {
  readonly chosen: Chosen;
  readonly flags: Flags;
  readonly plan: readonly Destination[];
  readonly level: Level;
  readonly terminal: Terminal;
}

async function runAndReport({ chosen, flags, plan, level, terminal }: Job): Promise<void> {
  const baseline = baselineOf(flags);
  const at = new Date();
  const rules = [...chosen.outside, ...chosen.inside];
  const judge = (one: CheckReport): Judged => judgeFindings(allFindings(one.results), baseline, at);
  let report = await runCheck(chosen, terminal);
  let judged = judge(report);
  if (flags.fix === true && flags.source !== undefined) {
    const what = {
      root: flags.source,
      all: allFindings(report.results),
      open: judged.open,
      rules: chosen.inside,
      write: flags.yes === true,
    };
    if (await mendSource(what, terminal)) {
      report = await runCheck(chosen, terminal);
      judged = judge(report);
    }
  }
  const shown = { report, rules, judged, at, version: programVersion(), verbose: flags.verbose === true };
  try {
    // Whoever wants the diff pipes it on: nothing else stands beside it.
    const asked =
      flags.fix === true && flags.yes !== true ? plan.filter(({ file }) => file !== undefined) : plan;
    writeReports(asked, shown, terminal);
  } catch (cause) {
    // Findings that nobody can read are no answer: neither a yes nor a no.
    throw new CouldNotLook(cause instanceof Failed ? cause.message : undefined, { cause });
  }
  conclude(report, judged, level);
}

function baselineOf({ baseline }: Flags): Baseline {
  return baseline === undefined ? NO_BASELINE : loadBaseline(baseline);
}

function requireSource({ source, fix, yes, watch }: Flags, url: string | undefined): void {
  if (source === undefined) throw new WrongUse('--fix and --watch go with --source and a folder.');
  if (yes === true && fix !== true) throw new WrongUse('--yes goes with --fix: look at the diff first.');
  if (watch === true && (fix === true || url !== undefined))
    throw new WrongUse('--watch reads a source alone: no address and no --fix beside it.');
}

/** A no comes before what could not be seen: it is certain. */
function conclude(report: CheckReport, { open, expired }: Judged, level: Level): void {
  const bad = LEVELS.slice(LEVELS.indexOf(level));
  if (open.some((finding) => bad.includes(finding.level)) || expired.length > 0) throw new AnsweredNo();
  if (report.blind !== undefined) throw new CouldNotLook();
}
