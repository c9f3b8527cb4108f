/** An application that is nothing but accounts: a server with their pages in the plain layout, mails shown on a page. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { ApiTokens } from '../../src/controls/api-tokens/api-tokens.ts';
import { Accounts, type AccountsOptions, DevelopmentMail } from '../../src/accounts/accounts.ts';
import { accountPages, accountRoutes } from '../../src/adapters/account-pages.ts';
import { bulwark } from '../../src/adapters/express.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import type { Policy, PolicyOptions } from '../../src/policy/policy.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import type { AccountStore } from '../../src/stores/ports/accounts.ts';
import { type OidcOptions, SignInProviders } from '../../src/identity/oidc/oidc.ts';
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
  readonly mail: DevelopmentMail;
  readonly events: readonly AuditEvent[];
  readonly stop: () => Promise<void>;
}

/** The application on one host, which listens nowhere yet. */
export interface AccountApplication {
  readonly layer: LayerHandle;
  readonly accounts: Accounts;
  readonly server: Server;
}

/** Makes the application: the pages, `/secret`, and `/safe`, which answers with the fields of the form it was sent. */
export type AccountHost = (
  policy: Policy,
  accountsOf: (layer: LayerHandle) => Accounts,
) => AccountApplication | Promise<AccountApplication>;

/** What `/secret` shows. */
export const MEMBERS = '<h1>For members</h1>';

export const onExpress: AccountHost = (policy, accountsOf) => {
  const layer = bulwark(policy);
  const accounts = accountsOf(layer);
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use(accountPages(accounts, { home: '/secret' }));
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
  return { layer, accounts, server: layer.createServer(app) };
};

/** What it has besides. */
export interface AccountSiteParts {
  /** Of API tokens; `GET /files` takes the first one. None: no tokens. */
  readonly scopes?: readonly string[];
  /** Of accounts, beside those that every site here has. */
  readonly accounts?: AccountsOptions;
  /** The time as accounts have it, in milliseconds since 1970. */
  readonly clock?: () => number;
  /** Of sign-in with others. */
  readonly providers?: OidcOptions['providers'];
}

/** Starts it, on memory: `/secret` is for those who are signed in, `/safe` asks for a second factor. */
export async function startAccountSite(
  host: AccountHost = onExpress,
  {
    scopes = [],
    accounts: accountsOptions,
    clock = Date.now,
    providers,
    ...options
  }: PolicyOptions & AccountSiteParts = {},
): Promise<AccountSite> {
  const events: AuditEvent[] = [];
  const mail = new DevelopmentMail(() => undefined);
  const state = memory();
  if (state.accounts === undefined) throw new Error('the memory keeps accounts');
  const accountStore = state.accounts;
  // Providers send people back to an address that they were told before.
  const origin = providers === undefined ? undefined : `http://localhost:${await freePort()}`;
  const policy = await loadPolicy({
    environment: 'development',
    ...(origin !== undefined && { origin }),
    state,
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: (_line, event) => void events.push(event) },
    access: { signIn: '/login', stepUp: '/login/again' },
    secrets: fixedSecrets(TEST_SECRET),
    apiTokens: { scopes },
    routes: {
      ...accountRoutes,
      ...(scopes[0] !== undefined && { 'GET /files': { require: { scope: scopes[0] } } }),
      '/secret': { require: 'signed-in' },
      '/safe': { require: { mfa: true } },
    },
    ...options,
  });
  const parts = {
    mail,
    clock,
    ...(scopes.length > 0 && { apiTokens: ApiTokens.of(policy) }),
    ...(providers !== undefined && { providers: SignInProviders.of(policy, { providers }) }),
  };
  const { layer, accounts, server } = await host(policy, (made) =>
    Accounts.of(policy, made, parts, { name: 'Example', mails: '60/hour', ...accountsOptions }),
  );
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
  return { url: `http://localhost:${port}`, port, server, accounts, accountStore, mail, events, stop };
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
