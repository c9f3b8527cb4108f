/** `bulwark COMMAND`: finds the command and runs it. Only the one that is asked for is loaded. */
import { Command, CommanderError } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { AnsweredNo, CouldNotLook, EndedByItself, messageOf, type Terminal, WrongUse } from './terminal.ts';
import { programVersion } from './version.ts';

/** 0: done. 1: it failed. 2: the command line is wrong. Any other is that of what the command ran. */
export type ExitCode = number;

/** Gives a command its arguments, options, help and work. */
export type Define = (command: Command, terminal: Terminal) => void;

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

/** Every command. To add one, add its line here. */
const COMMANDS: readonly Entry[] = [
  {
    name: 'init',
    summary: 'write a policy for an application, and put the layer in its place',
    load: () => import('./init.ts'),
  },
  {
    name: 'gateway',
    summary: 'put the policy in front of an application, with no change to its code',
    load: () => import('./gateway.ts'),
  },
  {
    name: 'run',
    summary: 'start an application on a private address, with the policy in front of it',
    load: () => import('./run.ts'),
  },
  {
    name: 'sessions',
    summary: 'list the sessions of an account, and end them',
    load: () => import('./sessions.ts'),
  },
  {
    name: 'audit',
    summary: 'verify the log, and look into it',
    load: () => import('./audit.ts'),
  },
  {
    name: 'alerts',
    summary: 'try receivers of alerts, read a log by the rules, and silence one',
    load: () => import('./alerts.ts'),
  },
  {
    name: 'secrets',
    summary: 'make the secret of an application, look after it, rotate it',
    load: () => import('./secrets.ts'),
  },
  {
    name: 'tune',
    summary: 'find what a password hash should cost on this machine',
    load: () => import('./tune.ts'),
  },
  {
    name: 'passwords',
    summary: 'make a filter of breached passwords',
    load: () => import('./passwords.ts'),
  },
  {
    name: 'check',
    summary: 'test a running application against the go-live checklist',
    load: () => import('./check.ts'),
  },
  {
    name: 'csp',
    summary: 'go from a content security policy that is only reported to one that holds',
    load: () => import('./csp.ts'),
  },
  {
    name: 'doctor',
    summary: 'say what a deployment gets wrong, seen from inside',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'explain',
    summary: 'say what a rule of the check is about',
    load: () => import('./explain.ts'),
  },
  {
    name: 'routes',
    summary: 'list the routes of an application, and those without a rule',
    load: () => import('./routes.ts'),
  },
  {
    name: 'sbom',
    summary: 'list what an application is built of, as CycloneDX or SPDX',
    load: () => import('./sbom.ts'),
  },
  {
    name: 'accounts',
    summary: 'find accounts, make and disable them, reset second factors, move users here',
    load: () => import('./accounts.ts'),
  },
];

const AFTER_HELP = `
Every command has its own help with examples: bulwark COMMAND --help

Exit codes: 0 done, 1 failed, 2 wrong use.`;

/** Runs the command that the shell has asked for, and leaves its exit code. */
export async function runInShell(): Promise<void> {
  // A module that a command imports may wait for ever, or end the process itself: that is no success.
  let code: ExitCode = 1;
  process.once('exit', () => {
    process.exitCode = code;
  });
  const end = (): never => process.exit();
  // Whoever reads the output may stop reading: `bulwark ... | head`.
  process.stdout.on('error', () => {
    code = 0;
    end();
  });
  code = await run(process.argv.slice(2), { out: process.stdout, err: process.stderr });
  // Such a module may hold a port or a pool open, and nobody closes it.
  process.stdout.write('', () => process.stderr.write('', end));
}

/** Runs one command line. Rejects for nothing: what goes wrong is written, and is the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const json = argv.includes('--json');
  try {
    const program = await makeProgram(argv, terminal, json);
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return fail(error, terminal, json);
  }
}

async function makeProgram(argv: readonly string[], terminal: Terminal, json: boolean): Promise<Command> {
  const program = new Command('bulwark')
    .description('A security layer for web applications: what is done at the server.')
    .version(programVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this text')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('bulwark --help names the commands.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      // With --json the message is in the one line of JSON.
      writeErr: (text) => json || terminal.err.write(text),
    });
  const [asked] = argv[0] === 'help' ? argv.slice(1) : argv;
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).summary(summary).description(summary);
    command.showHelpAfterError(`bulwark ${name} --help says what it takes, with examples.`);
    if (name === asked) (await load()).define(command, terminal);
  }
  return program;
}

function fail(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  if (error instanceof AnsweredNo) return 1;
  if (error instanceof CouldNotLook) {
    if (error.message !== '') terminal.err.write(`${error.message}\n`);
    return 2;
  }
  const isWrongUse = error instanceof CommanderError || error instanceof WrongUse;
  // Without a command there is help on the other stream already.
  const isBare = error instanceof CommanderError && error.code === 'commander.help';
  const message = isBare ? 'Name a command.' : messageOf(error).replace(/^error: /, '');
  if (json) terminal.out.write(`${escapedJson({ error: message, code: codeOf(error) })}\n`);
  else if (!(error instanceof CommanderError)) terminal.err.write(`${message}\n`);
  if (error instanceof EndedByItself) return error.code;
  return isWrongUse ? 2 : 1;
}

/** A code that does not change with the wording; none for what only has words. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined;
  const { code } = ((error instanceof WrongUse && error.cause) || error || {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
