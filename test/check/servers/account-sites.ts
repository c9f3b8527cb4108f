/** The same site twice, with accounts and notes: by somebody careless, and behind Bulwark by somebody who is not. */
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import express from 'express';
import { bulwark } from '../../../src/adapters/express.ts';
import { readProfile, type Profile } from '../../../src/check/outside/profile.ts';
import { memory } from '../../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../../support/secrets.ts';

/** One of them. */
export interface AccountSite {
  readonly url: string;
  readonly profile: Profile;
  readonly stop: () => Promise<void>;
}

const PASSWORDS: Readonly<Record<string, string>> = {
  'ada@example.com': 'correct horse 1',
  'bob@example.com': 'correct horse 2',
  'eve@example.com': 'correct horse 3',
};
/** Who is asked for a code behind the password. */
const WITH_FACTOR = 'eve@example.com';
const NOTES = [
  {
    owner: 'ada@example.com',
    text: 'private words of the first account: the seed of the vault is under the third stone',
  },
  {
    owner: 'bob@example.com',
    text: 'private words of the second account: nothing worth reading stands anywhere here',
  },
];

/** Dear, as a password hash is. */
function hash(password: string): string {
  let text = password;
  for (let round = 0; round < 20_000; round += 1) text = createHash('sha256').update(text).digest('hex');
  return text;
}

export const PROFILE = {
  url: '/login',
  fields: { email: 'ada@example.com', password: { env: 'ADA' } },
  signedIn: { url: '/', text: 'Sign out' },
  signOut: '/logout',
  reset: { url: '/forgot', field: 'email' },
  register: { url: '/register', field: 'email' },
  stay: { fields: { remember: 'on' } },
  mostSessions: 2,
  other: { fields: { email: 'bob@example.com', password: { env: 'BOB' } } },
  secondFactor: { fields: { email: 'eve@example.com', password: { env: 'EVE' } } },
};

function profile(): Profile {
  return readProfile(JSON.stringify(PROFILE), {
    ADA: PASSWORDS['ada@example.com'],
    BOB: PASSWORDS['bob@example.com'],
    EVE: PASSWORDS[WITH_FACTOR],
  });
}

interface Means {
  readonly who: (request: express.Request, response: express.Response) => string | undefined;
  readonly signIn: (request: express.Request, response: express.Response, account: string) => unknown;
  readonly signOut: (request: express.Request, response: express.Response) => unknown;
  readonly careless: boolean;
}

function pages(app: express.Express, { who, signIn, signOut, careless }: Means): void {
  const notes = [...NOTES];
  app.use(express.urlencoded({ extended: false }));
  app.get('/', (request, response) => {
    const account = who(request, response);
    if (account === undefined) return response.send('<title>Front</title><a href="/login">Sign in</a>');
    const own = notes.flatMap(({ owner, text }, index) =>
      owner === account ? [`<li><a href="/notes/${index + 1}">note</a> ${text}</li>`] : [],
    );
    return response.send(
      `<title>Notes</title><a href="/files">Files</a><a href="/drafts/12">Draft</a><ul>${own.join('')}</ul><form method=post action=/notes><input name=text></form><form method=post action=/logout><button>Sign out</button></form>`,
    );
  });
  app.get('/notes/:id', (request, response) => {
    const account = who(request, response);
    const note = notes[Number(request.params.id) - 1];
    if (account === undefined) return response.redirect(303, '/login');
    if (note === undefined || (!careless && note.owner !== account))
      return response.status(404).send('<title>Nothing here</title>');
    return response.send(`<title>Note</title><p>${note.text}</p>`);
  });
  // Careless: whoever knows the address needs no account.
  app.get('/drafts/:id', (request, response) => {
    if (!careless && who(request, response) !== 'ada@example.com')
      return response.status(404).send('<title>Nothing here</title>');
    return response.send('<title>Draft</title><p>words of a draft that nobody else was led to so far</p>');
  });
  app.post('/notes', (request, response) => {
    const owner = who(request, response);
    if (owner !== undefined)
      notes.push({ owner, text: String((request.body as { text?: string }).text).replaceAll('<', '') });
    response.redirect(303, '/');
  });
  app.get('/code', (_request, response) => {
    response.send('<title>Code</title><form method=post action=/code><input name=code></form>');
  });
  files(app, careless, (request, response) => who(request, response) !== undefined);
  for (const path of ['/login', '/forgot', '/register']) {
    app.get(path, (request, response) => {
      who(request, response);
      response.send(
        `<title>${path}</title><form method=post action=${path}><input name=email><input type=password name=password></form>`,
      );
    });
  }
  app.post('/login', async (request, response) => {
    const { email = '', password = '' } = request.body as Record<string, string>;
    const known = PASSWORDS[email];
    if (careless && known === undefined)
      return response.status(401).send('<title>No</title>There is no such account');
    const right = hash(password) === hash(known ?? 'nobody') && known !== undefined;
    if (!right)
      return response
        .status(401)
        .send(careless ? '<title>No</title>Wrong password' : '<title>No</title>That did not fit');
    // Careless: signed in already, and asked for a code all the same.
    if (email !== WITH_FACTOR || careless) await signIn(request, response, email);
    return response.redirect(303, email === WITH_FACTOR ? '/code' : '/');
  });
  app.post(['/forgot', '/register'], (request, response) => {
    const { email = '' } = request.body as Record<string, string>;
    response.send(
      careless && PASSWORDS[email] === undefined
        ? '<title>Done</title>We do not know you'
        : '<title>Done</title>Look at your mail',
    );
  });
  app.post('/logout', async (request, response) => {
    await signOut(request, response);
    response.redirect(303, '/');
  });
}

/** Files that somebody sends in; careless: handed out as what their sender called them. */
function files(
  app: express.Express,
  careless: boolean,
  isSignedIn: (request: express.Request, response: express.Response) => boolean,
): void {
  const kept: { readonly type: string; readonly bytes: Buffer }[] = [];
  app.get('/files', (request, response) => {
    if (!isSignedIn(request, response)) return response.redirect(303, '/login');
    const links = kept.map((_, index) => `<a href="/files/${index + 1}">file</a>`).join(' ');
    return response.send(
      `<title>Files</title>${links}<form method=post action=/files enctype=multipart/form-data><input type=file name=file></form>`,
    );
  });
  app.post('/files', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
    const text = (request.body as Buffer).toString('latin1');
    const [, type = '', content = ''] = /Content-Type: ([^\r]*)\r\n\r\n([^]*?)\r\n--/.exec(text) ?? [];
    kept.push({ type, bytes: Buffer.from(content, 'latin1') });
    response.redirect(303, '/files');
  });
  app.get('/files/:id', (request, response) => {
    const file = kept[Number(request.params.id) - 1];
    if (file === undefined) return response.status(404).send('<title>Nothing here</title>');
    if (!careless) response.set('Content-Disposition', 'attachment');
    return response.type(careless ? file.type : 'application/octet-stream').send(file.bytes);
  });
}

async function serve(server: Server, close?: () => Promise<void>): Promise<AccountSite> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    profile: profile(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await close?.();
    },
  };
}

/** Takes a session id from whoever brings one, keeps it at sign-in, and forgets nothing at sign-out but the cookie. */
export function carelessAccounts(): Promise<AccountSite> {
  const sessions = new Map<string, string>();
  let last = 1000;
  const idOf = (request: express.Request): string | undefined =>
    /(?:^|; )sid=([^;]+)/.exec(request.get('cookie') ?? '')?.[1];
  const app = express();
  pages(app, {
    careless: true,
    who(request, response) {
      const id = idOf(request);
      if (id !== undefined) return sessions.get(id);
      response.append('Set-Cookie', `sid=${String((last += 1))}; Path=/`);
      return undefined;
    },
    async signIn(request, response, account) {
      const id = idOf(request) ?? String((last += 1));
      sessions.set(id, account);
      response.append('Set-Cookie', `sid=${id}; Path=/`);
    },
    async signOut(_request, response) {
      response.append('Set-Cookie', 'sid=; Path=/; Max-Age=0');
    },
  });
  return serve(createServer(app));
}

/** The same pages behind Bulwark. */
export function goodAccounts(limit: '5/minute' | '1000/minute' = '5/minute'): Promise<AccountSite> {
  const layer = bulwark({
    environment: 'development',
    origin: 'http://localhost',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    rateLimit: { perClient: '5000/minute' },
    routes: {
      'POST /login': { limit, by: ['client'] },
      'POST /files': { upload: { types: ['image/gif'], size: '1MB' } },
    },
    firewall: { mode: 'observe' },
  });
  const app = express();
  app.use(layer);
  pages(app, {
    careless: false,
    who: (request) => bulwark.of(request).principal?.account,
    signIn: async (request, _response, account) => bulwark.of(request).session.signIn({ account, roles: [] }),
    signOut: async (request) => bulwark.of(request).session.signOut(),
  });
  return serve(layer.createServer(app), () => layer.close());
}
