/** `npm run bench -- check FOLDER`: the check from inside beside bandit, over the same files, in one run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { thisMachine } from '../report/machine.ts';
import { plainTable } from '../report/table.ts';

const HELP = `Usage: npm run bench -- check [FOLDER] [--bandit FILE] [--rounds N]

Reads the Python of a folder with Bulwark's rules and with bandit, turn by turn, and says what CPU time each took: user and
system, the process as a whole, start included. FOLDER is the packages of examples/flask unless it is said.

  --bandit FILE   the program; default: bandit, as the shell finds it (pip install bandit)
  --rounds N      turns of each; 3 unless it is said`;

/** Asked through Python, which says what its children have used; bandit needs it anyway. */
const MEASURE = `import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)`;

const PACKAGES = join(import.meta.dirname, '../../examples/flask/.venv/lib/python3.11/site-packages');
const READER = join(import.meta.dirname, 'read-tree.ts');

interface Turn {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Runs it. */
export function runCheck(args: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      bandit: { type: 'string', default: 'bandit' },
      rounds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  const [folder = PACKAGES] = positionals;
  if (values.help || !existsSync(folder)) {
    console.log(values.help ? HELP : `There is no ${folder}.\n\n${HELP}`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const ours = [process.execPath, '--conditions=bulwark-source', READER, folder];
  const said = JSON.parse(execFileSync(ours[0] ?? '', ours.slice(1), { encoding: 'utf8' })) as {
    readonly python: number;
    readonly files: number;
  };
  const theirs = [values.bandit, '-q', '-r', folder, '-f', 'json'];
  const turns: { ours: Turn[]; theirs: Turn[] } = { ours: [], theirs: [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    turns.ours.push(measure(ours));
    turns.theirs.push(measure(theirs));
  }
  const [we, they] = [best(turns.ours), best(turns.theirs)];
  const row = (name: string, turn: Turn): string[] => [
    name,
    turn.seconds.toFixed(2),
    (said.python / 1e6 / turn.seconds).toFixed(1),
    turn.megabytes.toFixed(0),
  ];
  const { cpu, cores, node } = thisMachine();
  console.log(`${cpu}, ${cores} cores, Node.js ${node}`);
  console.log(`${said.files} files of Python, ${(said.python / 1e6).toFixed(1)} MB\n`);
  console.log(
    plainTable({
      head: ['', 'CPU s', 'MB/s', 'memory, MB'],
      rows: [row('bulwark', we), row('bandit', they)],
    }),
  );
  console.log(`\nbandit takes ${(they.seconds / we.seconds).toFixed(1)} times the CPU time of Bulwark.`);
}

function measure(command: readonly string[]): Turn {
  const { stdout } = spawnSync('python3', ['-c', MEASURE, ...command], { encoding: 'utf8' });
  const [seconds = Number.NaN, kilobytes = Number.NaN] = stdout.trim().split(' ').map(Number);
  return { seconds, megabytes: kilobytes / 1024 };
}

function best(turns: readonly Turn[]): Turn {
  const [first, ...rest] = turns;
  if (first === undefined) throw new Error('no turn was taken');
  return rest.reduce((one, other) => (other.seconds < one.seconds ? other : one), first);
}
