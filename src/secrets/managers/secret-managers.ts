/** Providers of secrets around secret managers: `bulwark/secret-managers`. */
export { awsSecretsManager, type AwsOptions, type AwsSecretsClient } from './aws.ts';
export { azureKeyVault, type AzureOptions, type AzureSecretsClient } from './azure.ts';
export { googleSecretManager, type GoogleOptions, type GoogleSecretsClient } from './google.ts';
export type { ManagerOptions } from './manager.ts';
export { onePassword, type OnePasswordClient, type OnePasswordOptions } from './one-password.ts';
export { vault, type VaultOptions } from './vault.ts';
