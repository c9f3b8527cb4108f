/** HashiCorp Vault and OpenBao, by the HTTP API of both (KV version 2). */
import { readFileSync } from 'node:fs';
import { BulwarkError } from '../../core/errors.ts';
import { anyText, call, callback, either, fields, type Fit, maybe, name } from '../../core/call.ts';
import { isLoopbackName } from '../../core/origin.ts';
import type { DatedSecret, SecretProvider } from '../provider.ts';
import { MANAGER_SHAPE, managed, type ManagerOptions, timeOf } from './manager.ts';

/** Options of {@link vault}. One of `token`, `appRole` and `kubernetes`. */
export interface VaultOptions extends ManagerOptions {
  /**
   * Where it answers: `https://vault.internal:8200`, with the path behind which it lies, if any; plain http on this machine
   * alone, as of its agent.
   */
  address: string;
  /** Where the KV engine (version 2) is mounted. Default `secret`. */
  mount?: string;
  /** The namespace, where there are any. */
  namespace?: string;
  /** A token, or what gives one each time it is asked. */
  token?: string | (() => string | Promise<string>);
  /** Signs in with a role id and a secret id. */
  appRole?: { roleId: string; secretId: string; mount?: string };
  /** Signs in as the service account of the pod. */
  kubernetes?: { role: string; mount?: string; tokenFile?: string };
}

const addressFit: Fit = (value) =>
  typeof value === 'string' && isSafeAddress(value)
    ? undefined
    : { path: '', reason: 'it must be an https address, or an http one of this machine' };

const check = call("vault({ address: 'https://vault.internal:8200', token: process.env.VAULT_TOKEN })", {
  options: fields<VaultOptions>({
    ...MANAGER_SHAPE,
    address: addressFit,
    mount: maybe(name),
    namespace: maybe(name),
    token: maybe(either('a text that is not empty or a function', name, callback)),
    appRole: maybe(
      fields<NonNullable<VaultOptions['appRole']>>({ roleId: name, secretId: name, mount: maybe(name) }),
    ),
    kubernetes: maybe(
      fields<NonNullable<VaultOptions['kubernetes']>>({
        role: name,
        mount: maybe(name),
        tokenFile: maybe(anyText),
      }),
    ),
  }),
});

const TIMEOUT_MS = 5000;
/** Versions looked past, one request each: Vault keeps ten unless it is told otherwise. */
const MOST_DELETED = 10;
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

interface KvAnswer {
  readonly errors?: readonly unknown[];
  readonly data?: {
    readonly data?: Readonly<Record<string, unknown>> | null;
    readonly metadata?: {
      readonly version?: number;
      readonly created_time?: string;
      /** Empty: it does not end by itself (`delete_version_after`). */
      readonly deletion_time?: string;
    };
  };
}

/**
 * Secrets of Vault or OpenBao, from the key-value engine of version 2: the newest version that is not deleted signs, the one before
 * it still verifies; deleting a version revokes it, while an older one is left. The path is the name in lower case, `bulwark_secret`, and the value its member `value`, unless
 * `field` names another. Needs `read` on `MOUNT/data/bulwark_secret`. A token that was signed in for is used for one look and
 * then revoked.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where not exactly one way to sign in is named
 */
export function vault(options: VaultOptions): SecretProvider {
  check(options);
  const ways = [options.token, options.appRole, options.kubernetes].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    const reason = 'name one of token, appRole and kubernetes, and no other';
    throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', `vault: options: ${reason}`);
  }
  const { field = 'value', ...rest } = options;
  return managed(
    'vault',
    rest,
    (one) => one.toLowerCase(),
    async (path, { previous }) => {
      const token = await tokenOf(options);
      try {
        return await versionsOf(options, path, { token, field, previous });
      } finally {
        // Nobody waits for that: the secrets are there.
        if (options.token === undefined) void leave(options, token);
      }
    },
    (path) => `${mountOf(options)}/${path}, in a key-value engine of version 2`,
  );
}

function mountOf({ mount = 'secret' }: VaultOptions): string {
  return mount;
}

async function versionsOf(
  options: VaultOptions,
  path: string,
  { token, field, previous }: { readonly token: string; readonly field: string; readonly previous: number },
): Promise<readonly DatedSecret[]> {
  const read = async (version: number): Promise<KvAnswer | undefined> =>
    await ask(options, `${mountOf(options)}/data/${path}`, { token, version });
  const secrets: DatedSecret[] = [];
  let answer = await read(0);
  let version = versionOf(answer) ?? 1;
  // The newest was deleted, as whoever revokes it does: the one before it signs again.
  for (let deleted = 0; isDeleted(answer) && version > 1 && deleted < MOST_DELETED; deleted += 1) {
    version -= 1;
    answer = await read(version);
  }
  add(secrets, answer, field);
  if (secrets.length === 0) return [];
  for (let older = version - 1; older > 0 && older >= version - previous; older -= 1)
    add(secrets, await read(older), field);
  return secrets;
}

/** Undefined where there is no such secret; a version that was deleted or destroyed still says which it is. */
function versionOf(answer: KvAnswer | undefined): number | undefined {
  const version: unknown = answer?.data?.metadata?.version;
  return typeof version === 'number' ? version : undefined;
}

function isDeleted(answer: KvAnswer | undefined): boolean {
  return versionOf(answer) !== undefined && (answer?.data?.data ?? undefined) === undefined;
}

function add(secrets: DatedSecret[], answer: KvAnswer | undefined, field: string): void {
  const { data, metadata } = answer?.data ?? {};
  if (data === undefined || data === null) return;
  const value = Object.hasOwn(data, field) ? data[field] : undefined;
  if (typeof value !== 'string')
    throw new BulwarkError('ERR_BULWARK_SECRET_MISSING', `the secret has no text in ${field}`);
  const until = timeOf(metadata?.deletion_time);
  secrets.push({ value, since: timeOf(metadata?.created_time), ...(until > 0 && { until }) });
}

async function tokenOf(options: VaultOptions): Promise<string> {
  const { token, appRole, kubernetes } = options;
  if (token !== undefined) return typeof token === 'function' ? await token() : token;
  if (appRole !== undefined) {
    const { roleId, secretId, mount = 'approle' } = appRole;
    return await signIn(options, mount, { role_id: roleId, secret_id: secretId });
  }
  const { role = '', mount = 'kubernetes', tokenFile = SERVICE_ACCOUNT } = kubernetes ?? {};
  // Read each time: Kubernetes writes a new one every hour.
  return await signIn(options, mount, { role, jwt: readFileSync(tokenFile, 'utf8').trim() });
}

async function signIn(options: VaultOptions, mount: string, body: object): Promise<string> {
  const answer = (await ask(options, `auth/${mount}/login`, { body })) as
    | { readonly auth?: { readonly client_token?: unknown } }
    | undefined;
  const token = answer?.auth?.client_token;
  // An empty one: it asks for a second proof.
  if (typeof token === 'string' && token !== '') return token;
  throw new BulwarkError('ERR_BULWARK_SECRET_MISSING', `vault: the sign-in at ${mount} gave no token`);
}

/**
 * A token lives for a month where its role does not say otherwise, and one look in five minutes would leave thousands of them there.
 * Where it cannot be revoked (a batch token, one whose uses are spent) it is left to end.
 */
async function leave(options: VaultOptions, token: string): Promise<void> {
  await ask(options, 'auth/token/revoke-self', { token, body: {} }).catch(() => undefined);
}

/** Undefined: there is no such thing. */
async function ask(
  { address, namespace }: VaultOptions,
  path: string,
  { token, version, body }: { readonly token?: string; readonly version?: number; readonly body?: object },
): Promise<KvAnswer | undefined> {
  // A name may hold what ends a path in an address: `#` would ask for another secret, of whatever version.
  const url = new URL(address);
  const parts = path.split('/');
  // It would lead out of the mount, and the token with it.
  if (parts.some((part) => part === '.' || part === '..')) {
    const reason =
      'the id of a secret, a mount or a role has . or .. between its slashes: name where it lies from the top';
    throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', `vault: ${reason}`);
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${parts.map(encodeURIComponent).join('/')}`;
  if (version !== undefined) url.searchParams.set('version', String(version));
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      // Its agent asks for it, against requests that were forged on this machine.
      'X-Vault-Request': 'true',
      ...(token !== undefined && { 'X-Vault-Token': token }),
      ...(namespace !== undefined && { 'X-Vault-Namespace': namespace }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // A token must not go where an answer points to.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  // Of a version that was deleted it has the metadata, and of a secret that never was nothing.
  if (response.status === 204) return undefined;
  if (response.ok) return (await response.json()) as KvAnswer;
  const answer = (await response.json().catch(() => undefined)) as KvAnswer | undefined;
  if (response.status === 404 && !isNoRoute(answer)) return answer;
  const hint = response.status === 404 ? ', where nothing is mounted' : '';
  throw new BulwarkError(
    'ERR_BULWARK_SECRET_MISSING',
    `vault answered with ${response.status} to ${path}${hint}`,
  );
}

/** A wrong mount or namespace is told by words, a secret that is not there by none. */
function isNoRoute(answer: KvAnswer | undefined): boolean {
  return answer?.errors !== undefined && answer.errors.length > 0;
}

function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (`${username}${password}${search}${hash}` !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackName(hostname));
}
