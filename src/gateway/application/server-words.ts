/** How the servers of applications are told where to listen, so that nobody but the gateway reaches them. */
import { basename } from 'node:path';

/** A private place to listen at. */
export interface PrivatePlace {
  /** A socket in a folder that only this user enters. */
  readonly path: string;
  /** A port of this machine, for servers that know no sockets: whoever is on the machine reaches it. */
  readonly port: number;
}

/** A command line that has been told. */
export interface ToldCommand {
  readonly words: readonly string[];
  readonly isOnSocket: boolean;
}

/** Why a command line cannot be told: a sentence with its fix. */
export class WrongCommand extends Error {
  override readonly name = 'WrongCommand';
}

interface Server {
  /** Behind its name, or at the end of the line. */
  readonly place: 'first' | 'last';
  readonly isOnSocket: boolean;
  readonly tell: (place: PrivatePlace) => readonly string[];
  /** Words that have it listen elsewhere as well: past the gateway. */
  readonly own: RegExp;
}

const gunicorn: Server = {
  place: 'first',
  isOnSocket: true,
  tell: ({ path }) => ['--bind', `unix:${path}`],
  own: /^(?:-b|--bind)/,
};

const uwsgi: Server = {
  place: 'first',
  isOnSocket: true,
  // It ends on SIGTERM only where it is told to, and gives no answer at all to a head of more than 4 KB.
  tell: ({ path }) => ['--http-socket', path, '--die-on-term', '--buffer-size', '65535'],
  own: /^(?:-s$|--(?:http|https|socket|uwsgi-socket)(?:=|$|-socket|11-socket))/,
};

const waitress: Server = {
  place: 'first',
  isOnSocket: true,
  // It takes away what a proxy says unless it is told to believe it; a peer on a socket is called localhost.
  tell: ({ path }) => [
    `--unix-socket=${path}`,
    '--trusted-proxy=localhost',
    '--trusted-proxy-headers=x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port',
  ],
  own: /^--(?:listen|host|port|unix-socket)/,
};

/** By the name of the program, and of the module where Python runs it. */
const SERVERS: Readonly<Record<string, Server>> = {
  gunicorn,
  uvicorn: {
    place: 'first',
    isOnSocket: true,
    tell: ({ path }) => ['--uds', path],
    own: /^--(?:uds|fd|host|port)/,
  },
  hypercorn: {
    place: 'first',
    isOnSocket: true,
    tell: ({ path }) => ['--bind', `unix:${path}`],
    own: /^(?:-b|--bind|--insecure-bind|--quic-bind)/,
  },
  granian: {
    place: 'first',
    isOnSocket: true,
    tell: ({ path }) => ['--uds', path],
    own: /^--(?:uds|host|port)/,
  },
  'waitress-serve': waitress,
  waitress,
  uwsgi,
  pyuwsgi: uwsgi,
  flask: onPort(({ port }) => ['--host', '127.0.0.1', '--port', String(port)], /^(?:-[hp]|--host|--port)/),
  fastapi: onPort(({ port }) => ['--host', '127.0.0.1', '--port', String(port)], /^--(?:host|port)/),
  // Django's, by its one positional argument.
  runserver: onPort(({ port }) => [`127.0.0.1:${port}`], /^(?:\d+|[\w.:[\]]+:\d+)$/),
};

function onPort(tell: Server['tell'], own: RegExp): Server {
  return { place: 'last', isOnSocket: false, tell, own };
}

/** What runs another command, named behind it. */
const LAUNCHERS = new Set(['hatch', 'pdm', 'pipenv', 'poetry', 'rye', 'uv']);
const PYTHON = /^python[\d.]*$/;

/**
 * Tells a command line where to listen: by `{socket}` or `{port}` where it says so, by what its server is known to take, else
 * not at all, and then the environment does (`PORT`, `BULWARK_UPSTREAM`).
 *
 * @throws WrongCommand
 */
export function tellCommand(words: readonly string[], place: PrivatePlace): ToldCommand {
  const filled = fill(words, place);
  if (filled !== undefined) return filled;
  const at = serverAt(words);
  const server = SERVERS[basename(words[at] ?? '')];
  if (server === undefined) return { words, isOnSocket: false };
  const [before, after] = [words.slice(0, at + 1), words.slice(at + 1)];
  const own = after.find((word) => server.own.test(word));
  if (own !== undefined)
    throw new WrongCommand(
      `Leave ${own.split('=')[0]} away: the application gets a private address, and would be reached past the gateway.`,
    );
  const told = server.tell(place);
  return {
    words: server.place === 'first' ? [...before, ...told, ...after] : [...before, ...after, ...told],
    isOnSocket: server.isOnSocket,
  };
}

function fill(words: readonly string[], { path, port }: PrivatePlace): ToldCommand | undefined {
  const has = (name: string): boolean => words.some((word) => word.includes(name));
  const isOnSocket = has('{socket}');
  if (isOnSocket && has('{port}'))
    throw new WrongCommand('One of {socket} and {port} is enough: the gateway asks the application at one.');
  if (!isOnSocket && !has('{port}')) return undefined;
  const put = isOnSocket
    ? (word: string) => word.replaceAll('{socket}', path)
    : (word: string) => word.replaceAll('{port}', String(port));
  return { words: words.map(put), isOnSocket };
}

/** Where the server's name stands: behind `poetry run`, `python -m`, or `manage.py`. */
function serverAt(words: readonly string[]): number {
  let at = 0;
  if (LAUNCHERS.has(basename(words[at] ?? '')) && words[at + 1] === 'run') at = skipOptions(words, at + 2);
  if (PYTHON.test(basename(words[at] ?? ''))) at = skipOptions(words, at + 1);
  const isDjango = /^(?:manage\.py|django-admin|django)$/.test(basename(words[at] ?? ''));
  return isDjango && words[at + 1] === 'runserver' ? at + 1 : at;
}

function skipOptions(words: readonly string[], from: number): number {
  const at = words.findIndex((word, index) => index >= from && !word.startsWith('-'));
  return at === -1 ? words.length : at;
}
