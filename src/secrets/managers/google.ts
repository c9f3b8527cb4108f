/** Google Secret Manager, by the application's own client of it. */
import { call, callback, fields, made, name } from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import type { DatedSecret, SecretProvider } from '../provider.ts';
import { MANAGER_SHAPE, managed, type ManagerOptions, timeOf } from './manager.ts';

/** What is used of `new SecretManagerServiceClient()` of `@google-cloud/secret-manager`. */
export interface GoogleSecretsClient {
  listSecretVersions(request: {
    parent: string;
    filter: string;
  }): Promise<
    readonly [
      readonly { name?: string | null; createTime?: unknown; state?: string | number | null }[],
      ...unknown[],
    ]
  >;
  accessSecretVersion(request: {
    name: string;
  }): Promise<readonly [{ payload?: { data?: Uint8Array | string | null } | null }, ...unknown[]]>;
}

/** Options of {@link googleSecretManager}. */
export interface GoogleOptions extends ManagerOptions {
  /** `new SecretManagerServiceClient()`: its credentials are those of the machine or the service account. */
  client: GoogleSecretsClient;
  /** The id or the number of the project. */
  project: string;
}

const check = call(
  "googleSecretManager({ client: new SecretManagerServiceClient(), project: 'my-project' })",
  {
    options: fields<GoogleOptions>({
      ...MANAGER_SHAPE,
      client: made("new SecretManagerServiceClient() of '@google-cloud/secret-manager'", {
        listSecretVersions: callback,
        accessSecretVersion: callback,
      }),
      project: name,
    }),
  },
);

/** Codes of gRPC, which its errors have in place of a name. */
const NOT_FOUND = 5;
const CODES: Readonly<Record<number, string>> = {
  4: 'DEADLINE_EXCEEDED',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};
/** As text, and as the number of it in protocol buffers. */
const ENABLED: readonly unknown[] = ['ENABLED', 1];

/**
 * Secrets of Google Secret Manager: the newest enabled version signs, the one before it still verifies; disabling a version
 * revokes it. The id is the name as it is, `BULWARK_SECRET`. Needs `secretmanager.versions.list` and `.access` on it: the roles
 * Secret Manager Viewer and Secret Accessor.
 */
export function googleSecretManager(options: GoogleOptions): SecretProvider {
  check(options);
  const { client, project } = options;
  return managed(
    'googleSecretManager',
    options,
    (one) => one,
    async (id, { previous }) => {
      const parent = `projects/${project}/secrets/${id}`;
      const listed = await client
        .listSecretVersions({ parent, filter: 'state:ENABLED' })
        .catch(noneIfMissing);
      const newest = listed[0]
        // A stand-in may know nothing of filters, and what is disabled must open nothing.
        .filter(({ state = 'ENABLED' }) => ENABLED.includes(state))
        .map((version) => ({ name: version.name ?? '', since: timeOf(version.createTime) }))
        .toSorted((a, b) => numberOf(b.name) - numberOf(a.name))
        .slice(0, previous + 1);
      return await Promise.all(newest.map((version) => access(client, version)));
    },
  );
}

/** Versions are counted: `projects/1/secrets/BULWARK_SECRET/versions/12`. */
function numberOf(versionName: string): number {
  return Number(versionName.slice(versionName.lastIndexOf('/') + 1));
}

async function access(
  client: GoogleSecretsClient,
  version: { readonly name: string; readonly since: number },
): Promise<DatedSecret> {
  const [{ payload }] = await client.accessSecretVersion({ name: version.name }).catch(refused);
  const data = payload?.data ?? '';
  return { value: typeof data === 'string' ? data : Buffer.from(data).toString(), since: version.since };
}

function noneIfMissing(error: unknown): readonly [readonly []] {
  if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return [[]];
  return refused(error);
}

/** Its message may name what must not be shown, and its name is that of every error. */
function refused(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'number') throw error;
  const word = CODES[code] ?? `code ${code}`;
  throw new BulwarkError('ERR_BULWARK_SECRET_MISSING', `Google Secret Manager answered with ${word}`, {
    cause: error,
  });
}
