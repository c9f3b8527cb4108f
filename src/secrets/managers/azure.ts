/** Azure Key Vault, by the application's own client of it. */
import { call, callback, fields, made } from '../../core/call.ts';
import type { DatedSecret, SecretProvider } from '../provider.ts';
import { MANAGER_SHAPE, managed, type ManagerOptions, timeOf } from './manager.ts';

/** What is read of a version. */
interface AzureVersion {
  readonly version?: string;
  readonly enabled?: boolean;
  readonly createdOn?: Date;
  readonly notBefore?: Date;
  readonly expiresOn?: Date;
}

/** What is used of `new SecretClient(url, credential)` of `@azure/keyvault-secrets`. */
export interface AzureSecretsClient {
  listPropertiesOfSecretVersions(secretName: string): AsyncIterable<AzureVersion>;
  getSecret(secretName: string, options: { version: string }): Promise<{ value?: string }>;
}

/** Options of {@link azureKeyVault}. */
export interface AzureOptions extends ManagerOptions {
  /** `new SecretClient('https://NAME.vault.azure.net', new DefaultAzureCredential())`. */
  client: AzureSecretsClient;
}

const check = call('azureKeyVault({ client: new SecretClient(url, new DefaultAzureCredential()) })', {
  options: fields<AzureOptions>({
    ...MANAGER_SHAPE,
    client: made("new SecretClient(...) of '@azure/keyvault-secrets'", {
      listPropertiesOfSecretVersions: callback,
      getSecret: callback,
    }),
  }),
});

/**
 * Secrets of Azure Key Vault: the newest version that is enabled, begun and not expired signs, the one before it still verifies;
 * disabling a version revokes it. Names there have no underscore, so the id is `bulwark-secret`. Needs the permissions to get and
 * to list secrets (the role Key Vault Secrets User).
 */
export function azureKeyVault(options: AzureOptions): SecretProvider {
  check(options);
  const { client } = options;
  const id = (name: string): string => name.toLowerCase().replaceAll('_', '-');
  return managed('azureKeyVault', options, id, async (secretName, { previous }) => {
    const versions = await versionsOf(client, secretName);
    const newest = versions
      .filter((version) => isInUse(version, Date.now()))
      .toSorted((a, b) => timeOf(b.createdOn) - timeOf(a.createdOn))
      .slice(0, previous + 1);
    return await Promise.all(newest.map((version) => get(client, secretName, version)));
  });
}

async function versionsOf(client: AzureSecretsClient, secretName: string): Promise<readonly AzureVersion[]> {
  const versions: AzureVersion[] = [];
  try {
    for await (const version of client.listPropertiesOfSecretVersions(secretName)) versions.push(version);
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return [];
    throw error;
  }
  return versions;
}

function isInUse({ enabled, notBefore, expiresOn }: AzureVersion, now: number): boolean {
  if (enabled === false) return false;
  return (notBefore?.getTime() ?? 0) <= now && (expiresOn?.getTime() ?? Infinity) > now;
}

async function get(
  client: AzureSecretsClient,
  secretName: string,
  { version = '', createdOn, expiresOn }: AzureVersion,
): Promise<DatedSecret> {
  const { value = '' } = await client.getSecret(secretName, { version });
  return { value, since: timeOf(createdOn), ...(expiresOn !== undefined && { until: expiresOn.getTime() }) };
}
