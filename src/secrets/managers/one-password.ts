/** 1Password Connect, by the application's own client of it. */
import { anyText, call, callback, fields, made, maybe, name } from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import type { SecretProvider } from '../provider.ts';
import { MANAGER_SHAPE, managed, type ManagerOptions, timeOf } from './manager.ts';

/** What is used of `OnePasswordConnect({ serverURL, token })` of `@1password/connect`. */
export interface OnePasswordClient {
  /** Finds a vault by its name or its id. */
  getVault(vaultQuery: string): Promise<{ readonly id?: string }>;
  /** Takes the id of a vault alone. */
  getItemByTitle(
    vaultId: string,
    itemTitle: string,
  ): Promise<{
    readonly fields?: readonly { readonly label?: string; readonly value?: string }[];
    readonly updatedAt?: Date | string;
  }>;
}

/** Options of {@link onePassword}. */
export interface OnePasswordOptions extends Omit<ManagerOptions, 'field' | 'previous'> {
  /** `OnePasswordConnect({ serverURL, token, keepAlive: true })`. */
  client: OnePasswordClient;
  /** The name or the id of the vault. */
  vault: string;
  /** The label of the field that holds the secret in use. Default `password`. */
  field?: string;
  /** The label of the field with the secret before it, which still verifies; it may be missing. Default `previous`. */
  previousField?: string;
}

const { id, refresh, maxAge } = MANAGER_SHAPE;
const check = call("onePassword({ client: OnePasswordConnect({ serverURL, token }), vault: 'production' })", {
  options: fields<OnePasswordOptions>({
    id,
    refresh,
    maxAge,
    client: made("OnePasswordConnect({ serverURL, token }) of '@1password/connect'", {
      getVault: callback,
      getItemByTitle: callback,
    }),
    vault: name,
    field: maybe(anyText),
    previousField: maybe(anyText),
  }),
});

/**
 * Secrets of 1Password Connect: one item for each, with the title `BULWARK_SECRET`; the field `password` signs, the field
 * `previous` still verifies. Connect keeps no older versions that can be asked for, so whoever rotates moves the value over.
 */
export function onePassword(options: OnePasswordOptions): SecretProvider {
  check(options);
  const { client, vault, field = 'password', previousField = 'previous', ...rest } = options;
  return managed(
    'onePassword',
    rest,
    (one) => one,
    async (title) => {
      const { id: vaultId = vault } = await client
        .getVault(vault)
        .catch((error: unknown) => refused(error, vault));
      const item = await client
        .getItemByTitle(vaultId, title)
        .catch((error: unknown) => noneIfMissing(error, title));
      const values = [field, previousField].map(
        (label) => item.fields?.find((one) => one.label?.toLowerCase() === label.toLowerCase())?.value ?? '',
      );
      if (values[0] === '') return [];
      const since = timeOf(item.updatedAt);
      // The item has one time for all of it: the older field was there before.
      return values
        .filter((value) => value !== '')
        .map((value, at) => ({ value, since: at === 0 ? since : 0 }));
    },
  );
}

function noneIfMissing(
  error: unknown,
  title: string,
): { readonly fields: readonly []; readonly updatedAt?: Date } {
  if (statusOf(error) === 404) return { fields: [] };
  return refused(error, title);
}

/** The body of an answer is thrown as it came, which is no error: an object of Connect's, or the page of a proxy before it. */
function refused(error: unknown, asked: string): never {
  const status = statusOf(error);
  if (status === undefined && error instanceof Error) throw error;
  const hint = status === 400 ? ', of which there may be several' : '';
  throw new BulwarkError(
    'ERR_BULWARK_SECRET_MISSING',
    `1Password Connect answered with ${status ?? 'what is none of its answers'} to ${asked}${hint}`,
  );
}

function statusOf(error: unknown): number | undefined {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : undefined;
}
