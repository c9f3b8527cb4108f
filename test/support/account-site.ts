/** An application that is nothing but accounts: a server with their pages in the plain layout, mails shown on a page. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Accounts, type AccountsOptions, DevelopmentMail } from '../../src/accounts/accounts.ts';
import { accountPages } from '../../src/adapters/account-pages.ts';
import { bulwark } from '../../src/adapters/express.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import type { Policy, PolicyOptions } from '../../src/policy/policy.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import type { AccountStore } from '../../src/stores/ports/accounts.ts';
import type { SessionStore } from '../../src/stores/ports/sessions.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { freePort } from './processes.ts';
import { fixedSecrets, TEST_SECRET } from './secrets.ts';

/** A server that listens. */
export interface AccountSite {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly accounts: Accounts;
  readonly accountStore: AccountStore;
  readonly sessions: SessionStore;
  readonly mail: DevelopmentMail;
  readonly events: readonly AuditEvent[];
  readonly stop: () => Promise<void>;
}

/** The application on one host, which listens nowhere yet. */
export interface AccountApplication {
  readonly layer: LayerHandle;
  readonly server: Server;
}

/** Makes the application: the pages, `/secret`, and `/safe`, which answers with the fields of the form it was sent. */
/** @param prepare - makes the accounts before the pages do, with the clock of the test */
export type AccountHost = (
  policy: Policy,
  prepare: (layer: LayerHandle) => void,
) => AccountApplication | Promise<AccountApplication>;

/** What `/secret` shows. */
export const MEMBERS = '<h1>For members</h1>';

export const onExpress: AccountHost = (policy, prepare) => {
  const layer = bulwark(policy);
  prepare(layer);
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use(accountPages(layer));
  app.post('/safe', express.urlencoded({ extended: false }), (request, response) => {
    response.json(request.body);
  });
  app.get('/secret', (_request, response) => void response.send(MEMBERS));
  app.get('/files', (request, response) => {
    response.json({ account: bulwark.of(request).principal?.account });
  });
  app.post('/account/tokens/new', express.urlencoded({ extended: false }), (request, response) => {
    response.json(request.body);
  });
  return { layer, server: layer.createServer(app) };
};

/** What it has besides. */
export interface AccountSiteParts {
  /** Of API tokens; `GET /files` takes the first one. None: no tokens. */
  readonly scopes?: readonly string[];
  /** Of accounts, beside those that every site here has. */
  readonly accounts?: AccountsOptions;
  /** The time as accounts have it, in milliseconds since 1970. */
  readonly clock?: () => number;
}

/** Starts it, on memory: `/secret` is for those who are signed in, `/safe` asks for a second factor. */
export async function startAccountSite(
  host: AccountHost = onExpress,
  {
    scopes = [],
    accounts: accountsOptions,
    clock = Date.now,
    ...options
  }: PolicyOptions & AccountSiteParts = {},
): Promise<AccountSite> {
  const events: AuditEvent[] = [];
  const mail = new DevelopmentMail(() => undefined);
  const state = memory();
  if (state.accounts === undefined) throw new Error('the memory keeps accounts');
  const accountStore = state.accounts;
  // Providers send people back to an address that they were told before.
  const origin = options.providers === undefined ? undefined : `http://localhost:${await freePort()}`;
  const policy = await loadPolicy({
    environment: 'development',
    ...(origin !== undefined && { origin }),
    state,
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: (_line, event) => void events.push(event) },
    secrets: fixedSecrets(TEST_SECRET),
    apiTokens: { scopes },
    accounts: { mail, name: 'Example', mails: '60/hour', ...accountsOptions },
    accountPages: { home: '/secret' },
    routes: {
      ...(scopes[0] !== undefined && { 'GET /files': { require: { scope: scopes[0] } } }),
      '/secret': { require: 'signed-in' },
      '/safe': { require: { mfa: true } },
    },
    ...options,
  });
  const { layer, server } = await host(policy, (one) => void Accounts.of(one, clock));
  const accounts = Accounts.of(layer, clock);
  server.listen(Number(new URL(origin ?? 'http://localhost').port), '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await layer.close();
  };
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    port,
    server,
    accounts,
    accountStore,
    sessions: state.sessions,
    mail,
    events,
    stop,
  };
}

/** The path of the newest link that was mailed to an address. */
export async function mailedLink({ accounts, mail }: AccountSite, email: string): Promise<string> {
  await accounts.settled();
  const text = mail.mails.find(({ to, text: body }) => to === email && body.includes('token='))?.text ?? '';
  const link = /https?:\/\/\S+token=\S+/.exec(text)?.[0];
  if (link === undefined) throw new Error(`no link was mailed to ${email}`);
  const { pathname, search } = new URL(link);
  return pathname + search;
}
