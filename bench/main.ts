/** `npm run bench`: Bulwark beside its peers, in one run. */
import { parseArgs } from 'node:util';
import { missingForLoad } from './load/cores.ts';
import { runStacks, showStacks } from './parts/stacks.ts';
import { STACKS } from './stacks/all.ts';

const HELP = `Usage: npm run bench -- [PART...] [OPTIONS]

Measures Bulwark beside its peers, in one run on this machine.

Parts (default: all of them, about 12 minutes)
  stacks    requests/s, p50, p99, CPU, Redis round trips and header bytes of equal-feature stacks

Options
  --only NAMES    stacks by name, kind or framework, with commas: express, bulwark, ${STACKS[0]?.name}
  --rounds N      slices of a second for each stack and scenario
  --quick         a short run, for development: its figures are rough
  --json          figures as JSON on standard output
  --help

Stacks
  ${STACKS.map(({ name }) => name).join(', ')}

Examples
  npm run bench
  npm run bench -- stacks --quick --only node:http
  npm run bench -- stacks --only express --rounds 10 --json > figures.json

Exit codes: 0 measured, 1 something failed, 2 the command line was wrong.`;

await main();

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const unknown = positionals.filter((part) => part !== 'stacks');
  if (unknown.length > 0) fail(2, `There is no part ${unknown.join(', ')}.`);
  const missing = missingForLoad();
  if (missing !== undefined) fail(1, missing);
  const only = values.only?.split(',').filter((name) => name !== '') ?? [];
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  const rows = await runStacks({ only, quick: values.quick === true, rounds });
  console.log(values.json === true ? JSON.stringify(rows, undefined, 2) : showStacks(rows));
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
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
