/** What `bulwark/secret-managers` exports, with arguments that it takes. */
import type { Calls } from './refused-calls.ts';

const nothing = (): number => 0;

/** By name. The clients are only looked at. */
export const SECRET_MANAGERS: Calls = {
  awsSecretsManager: [{ client: { getSecretValue: nothing } }],
  azureKeyVault: [{ client: { listPropertiesOfSecretVersions: nothing, getSecret: nothing } }],
  googleSecretManager: [
    { client: { listSecretVersions: nothing, accessSecretVersion: nothing }, project: 'a' },
  ],
  onePassword: [{ client: { getVault: nothing, getItemByTitle: nothing }, vault: 'a' }],
  vault: [{ address: 'https://vault.example', token: 'a' }],
};
