/** `bulwark run -- COMMAND`: the application's own server on a private address, and `bulwark gateway` in front of it. */
import { isSea } from 'node:sea';
import type { Command } from 'commander';
import { Application } from '../gateway/application/application.ts';
import { WrongCommand } from '../gateway/application/server-words.ts';
import { type Ending, NoSuchProgram, WatchedChild } from '../gateway/application/watched-child.ts';
import { showAddress } from '../gateway/options/upstream-address.ts';
import { EndedByItself, Failed, type Terminal, WrongUse } from './terminal.ts';

const HELP = `
Options of "bulwark gateway" stand before the --, but for --upstream: see its help.

The application listens where only the gateway reaches it: gunicorn, uvicorn, hypercorn, granian, waitress and uwsgi on
a socket in a private folder; "flask run", "fastapi run" and "manage.py runserver" on a port of this machine. Any other
server takes {socket} or {port} in its command line, or PORT or BULWARK_UPSTREAM from its environment, and no other
variable of BULWARK_.

Both end together. A signal ends the gateway first, once what was under way is answered, and then the application. Where
the application ends by itself, so does the gateway. SIGHUP is for the gateway.

Exit codes: 0 ended by SIGINT or SIGTERM; 2 wrong use; that of the application where it ended by itself, or 1.

Examples:
  bulwark run -- gunicorn app:app
  bulwark run --origin https://notes.example.com --trust-proxy 127.0.0.1 -- gunicorn --workers 4 app:app
  bulwark run -- python manage.py runserver
  bulwark run -- node server.js
  bulwark run -- my-server --listen 127.0.0.1:{port}`;

/** Longer than the gateway itself gives to what is under way. */
const GATEWAY_END_MS = 60_000;
const MOST_WAIT_S = 600;

/** Gives the command its arguments, options and work. */
export function define(command: Command, _terminal: Terminal): void {
  command
    .description('start an application on a private address, with the policy in front of it')
    .usage('[options] [options of bulwark gateway] -- <command...>')
    .option('--wait <seconds>', 'how long the application may take until it listens', '60')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', HELP)
    .action(async ({ wait }: { readonly wait: string }) => {
      const ms = Number(wait) * 1000;
      if (!(ms > 0 && ms <= MOST_WAIT_S * 1000))
        throw new WrongUse(`--wait takes seconds, up to ${MOST_WAIT_S}.`);
      if (process.platform === 'win32')
        throw new Failed('bulwark run needs process groups, which Windows has not: see bulwark gateway.');
      await runBoth(split(command.args), ms);
    });
}

interface Words {
  /** Options of the gateway. */
  readonly options: readonly string[];
  readonly application: readonly string[];
}

/** What was written before the `--` and behind it. Commander leaves the mark only where it met options that it does not know. */
function split(left: readonly string[]): Words {
  const at = left[0]?.startsWith('-') === true ? left.indexOf('--') : 0;
  const application = at === -1 ? [] : left.slice(at === 0 ? 0 : at + 1);
  if (application.length === 0)
    throw new WrongUse('The command line of the application goes behind --: bulwark run -- gunicorn app:app');
  const options = left.slice(0, Math.max(at, 0));
  const upstream = options.find((word) => /^--upstream(?:=|$)/.test(word));
  if (upstream !== undefined)
    throw new WrongUse('Leave --upstream away: it is the application that is started here.');
  return { options, application };
}

async function runBoth(words: Words, wait: number): Promise<void> {
  const stop = new AbortController();
  // More than once: npm passes on what the terminal has told everybody already, and the second must not end what drains.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const application = await start(words.application);
  let ending: Ending | undefined;
  const noteEnd = (how: Ending): void => {
    // What ends once it was told to is no failure.
    if (!stop.signal.aborted) ending = how;
    stop.abort();
  };
  void application.child.ended.then(noteEnd);
  let gateway: WatchedChild | undefined;
  try {
    const isThere = await application.listening(wait, stop.signal);
    if (!isThere && !stop.signal.aborted) throw new Failed(notListening(words, application, wait));
    if (isThere) {
      gateway = await startGateway(application, words.options);
      void gateway.ended.then(noteEnd);
      await aborted(stop.signal);
    }
  } finally {
    stop.abort();
    await gateway?.end(GATEWAY_END_MS);
    await application.end();
  }
  if (ending !== undefined)
    throw new EndedByItself(`${ending.said}, and the rest with it.`, ending.code === 0 ? 1 : ending.code);
}

async function start(words: readonly string[]): Promise<Application> {
  try {
    return await Application.start(words);
  } catch (error) {
    if (error instanceof WrongCommand || error instanceof NoSuchProgram)
      throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

/** As a command of its own: what it does about signals, reloads and workers is one thing in both. */
async function startGateway({ address }: Application, options: readonly string[]): Promise<WatchedChild> {
  const { execPath, execArgv, argv } = process;
  // An executable is its own script.
  const command = isSea() ? [execPath] : [execPath, ...execArgv, argv[1] ?? ''];
  const words = [...command, 'gateway', '--upstream', showAddress(address), ...options];
  const gateway = await WatchedChild.start(words, process.env, { name: 'the gateway' });
  process.on('SIGHUP', () => gateway.tell('SIGHUP'));
  return gateway;
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve());
  if (!signal.aborted) await promise;
}

function notListening({ application: [name] }: Words, { address }: Application, wait: number): string {
  return `${name} did not listen on ${showAddress(address)} within ${wait / 1000} s: have its command line say {socket} or {port}, or take PORT from its environment; or give it longer, with --wait.`;
}
