/** AWS Secrets Manager, by the application's own client of it. */
import { call, callback, fields, made } from '../../core/call.ts';
import type { DatedSecret, SecretProvider } from '../provider.ts';
import { MANAGER_SHAPE, managed, type ManagerOptions, timeOf } from './manager.ts';

/** What is used of `new SecretsManager()` of `@aws-sdk/client-secrets-manager`, of whatever version has it. */
export interface AwsSecretsClient {
  getSecretValue(input: { SecretId: string; VersionStage: string }): Promise<{
    SecretString?: string | undefined;
    SecretBinary?: Uint8Array | undefined;
    CreatedDate?: Date | undefined;
  }>;
}

/** Options of {@link awsSecretsManager}. */
export interface AwsOptions extends ManagerOptions {
  /** `new SecretsManager({ region: 'eu-central-1' })`: its credentials are those of the machine, the container or the pod. */
  client: AwsSecretsClient;
}

const check = call('awsSecretsManager({ client: new SecretsManager() })', {
  options: fields<AwsOptions>({
    ...MANAGER_SHAPE,
    client: made("new SecretsManager() of '@aws-sdk/client-secrets-manager'", { getSecretValue: callback }),
  }),
});

/** The stages that a rotation moves versions through. What is only pending was not tested yet by who rotates. */
const STAGES = ['AWSCURRENT', 'AWSPREVIOUS'] as const;

/**
 * Secrets of AWS Secrets Manager: the version at `AWSCURRENT` signs, the one at `AWSPREVIOUS` still verifies. The id is the name
 * as it is, `BULWARK_SECRET`. Needs `secretsmanager:GetSecretValue` on it.
 */
export function awsSecretsManager(options: AwsOptions): SecretProvider {
  check(options);
  const { client } = options;
  return managed(
    'awsSecretsManager',
    options,
    (name) => name,
    async (id, { previous }) => {
      const stages = previous === 0 ? STAGES.slice(0, 1) : STAGES;
      const versions = await Promise.all(stages.map((stage) => versionAt(client, id, stage)));
      // A secret that was never rotated has no previous version; without a current one there is none at all.
      return versions[0] === undefined ? [] : versions.filter((version) => version !== undefined);
    },
  );
}

async function versionAt(
  client: AwsSecretsClient,
  id: string,
  stage: string,
): Promise<DatedSecret | undefined> {
  try {
    const found = await client.getSecretValue({ SecretId: id, VersionStage: stage });
    const value = found.SecretString ?? Buffer.from(found.SecretBinary ?? []).toString();
    return { value, since: timeOf(found.CreatedDate) };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
