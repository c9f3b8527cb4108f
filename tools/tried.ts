/**
 * `node --conditions=bulwark-source tools/tried.ts CLONES`: what `bulwark init --from` does to public applications, each at its commit,
 * into docs/guides/leaving/tried.md. CLONES has a clone of each by its name; one that is not there is fetched.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planInit } from '../src/check/init/plan-init.ts';
import { MOVABLE } from '../src/check/init/plan-moves.ts';

const PAGE = join(import.meta.dirname, '../docs/guides/leaving/tried.md');
const [BEGIN, END] = ['<!-- made by tools/tried.ts -->\n', '<!-- end of tools/tried.ts -->'];

/** As they were when they were first tried; `folder` is where the application lies in its repository. */
const APPLICATIONS: readonly {
  readonly name: string;
  readonly commit: string;
  readonly licence: string;
  readonly folder?: string;
  /** Why something stays, where that is no one sentence of the command. */
  readonly stays?: string;
}[] = [
  { name: 'mdn/express-locallibrary-tutorial', commit: '5f2b6736f2', licence: 'CC0' },
  { name: 'passport/todos-express-password', commit: '0505c28e22', licence: 'Unlicense' },
  { name: 'madhums/node-express-mongoose-demo', commit: '8a134ab5de', licence: 'MIT' },
  { name: 'hagopj13/node-express-boilerplate', commit: '179ae84efe', licence: 'MIT' },
  { name: 'danielfsousa/express-rest-boilerplate', commit: 'b8bed6d7cf', licence: 'MIT' },
  {
    name: 'edwinhern/express-typescript',
    commit: 'f795eab920',
    licence: 'MIT',
    stays: 'TypeScript that a compiler makes CommonJS of cannot wait for its policy',
  },
  { name: 'sahat/hackathon-starter', commit: 'dbcac7a7b1', licence: 'MIT' },
  {
    name: 'stripe-samples/connect-onboarding-for-standard',
    commit: '4c14bca57d',
    licence: 'MIT',
    folder: 'server/node',
  },
  {
    name: 'duosecurity/duo_universal_nodejs',
    commit: '792d25bf2e',
    licence: 'MIT',
    folder: 'example',
    stays: '`const { session } = req`, and what somebody sent goes on from it to a client',
  },
  {
    name: 'plaid/tiny-quickstart',
    commit: '9956276d44',
    licence: 'MIT',
    folder: 'hosted_link',
    stays: '`req.sessionID` is told to others',
  },
  {
    name: 'Azure-Samples/ms-identity-node',
    commit: '3192c27015',
    licence: 'MIT',
    folder: 'App',
    stays: 'changes in functions that another file is handed, and values that go to a client',
  },
  {
    name: 'OWASP/NodeGoat',
    commit: 'c5cb68a708',
    licence: 'Apache-2.0',
    stays: 'changes in the callbacks of a database',
  },
  { name: 'redis-developer/basic-redis-chat-app-demo-nodejs', commit: '81157aac8b', licence: 'MIT' },
  { name: 'bradtraversy/node_passport_login', commit: '6545697043', licence: 'none named' },
];

const clones = process.argv[2];
if (clones === undefined) throw new Error('Name a folder for the clones: node tools/tried.ts CLONES');
const scratch = mkdtempSync(join(tmpdir(), 'tried-'));
try {
  const all = [];
  for (const application of APPLICATIONS) {
    const { name, commit, folder = '' } = application;
    const clone = join(clones, name);
    if (!existsSync(clone)) fetchAt(clone, name, commit);
    const root = join(scratch, name);
    mkdirSync(root, { recursive: true });
    const archive = execFileSync('git', ['-C', clone, 'archive', commit], { maxBuffer: 2 ** 30 });
    execFileSync('tar', ['x', '-C', root], { input: archive });
    all.push({ application, uses: await tried(join(root, folder), application.stays) });
  }
  const uses = all.flatMap((one) => one.uses);
  const going = uses.filter(({ isGone }) => isGone);
  const ofSessions = ({ name }: Use): boolean => name === 'express-session';
  const rows = all.map(
    ({ application: { name, commit, licence, folder }, uses: own }) =>
      `| [${name}](https://github.com/${name})${folder === undefined ? '' : `, \`${folder}\``} (${licence}) | \`${commit}\` | ${listed(own.filter((use) => use.isGone).map((use) => use.name))} | ${listed(own.filter((use) => !use.isGone).map(stayOf))} |`,
  );
  const text = [
    '| application | commit | goes | stays, and why; places and lines printed for them |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `Of ${uses.length} uses of these packages ${going.length} go, and ${uses.length - going.length} stay. Of the ${uses.filter(ofSessions).length} of express-session it is ${going.filter(ofSessions).length}.`,
    '',
  ].join('\n');
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
  writeFileSync(PAGE, page.slice(0, begin) + text + page.slice(end));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** What became of one package in one application. */
interface Use {
  readonly name: string;
  readonly isGone: boolean;
  readonly why: readonly string[];
  readonly places: number;
  readonly lines: number;
}

async function tried(root: string, stays = 'places that a person has to look at'): Promise<readonly Use[]> {
  const { byHand, notes, next } = await planInit(root, { from: MOVABLE });
  const gone = next.find((line) => line.startsWith('npm uninstall '))?.split(' ') ?? [];
  const absent = /^Nothing here imports (.*)\.$/m.exec(notes.join('\n'))?.[1]?.split(', ') ?? [];
  return MOVABLE.filter((name) => !absent.includes(name)).map((name) => {
    const own = byHand.filter(
      ({ where }) => where.includes(`(${name})`) || where.endsWith(`place of ${name}`),
    );
    const lines = own.flatMap((one) => one.lines);
    const why = lines.flatMap((line) => {
      const [, since, whilst] =
        /^\/\/ It stays(?:, since (.*)\. What to write:| while (.*): .*)$/.exec(line) ?? [];
      const whole = /^\/\/ requestSession\(\) .* was not written, since (.*)\.$/.exec(line)?.[1];
      if (whole !== undefined) return `as a whole, since ${whole}`;
      return since ?? (whilst === undefined ? [] : `while ${whilst}`);
    });
    const asked = lines.filter((line) => line.startsWith('it may be asked for by '));
    return {
      name,
      isGone: gone.includes(name),
      why: why.length + asked.length > 0 ? [...new Set([...why, ...asked])] : [stays],
      places: own.length,
      lines: lines.length,
    };
  });
}

function stayOf({ name, why, places, lines }: Use): string {
  return `${name}: ${why.join('; ')}. ${places}, ${lines}`;
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? 'nothing' : texts.join('<br>').replaceAll('|', '\\|');
}

function fetchAt(clone: string, name: string, commit: string): void {
  mkdirSync(clone, { recursive: true });
  const git = (...args: readonly string[]): unknown =>
    execFileSync('git', ['-C', clone, ...args], { stdio: 'inherit' });
  git('init', '--quiet');
  // A server gives out a commit by its whole name alone.
  git('fetch', '--quiet', `https://github.com/${name}`);
  git('cat-file', '-e', commit);
}
