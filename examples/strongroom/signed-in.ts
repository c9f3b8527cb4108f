/** Who is asking, as an account of this application. */
import type { Account, Accounts } from 'bulwark/accounts';
import { bulwark } from 'bulwark/express';
import type { Request } from 'express';

/** The account that is signed in. Undefined for visitors, and where the account is gone but its session is not. */
export async function signedInAccount(req: Request, accounts: Accounts): Promise<Account | undefined> {
  const { principal } = bulwark.of(req);
  return principal === undefined ? undefined : accounts.find(principal.account);
}

/**
 * The account that is signed in, on a route where the policy lets nobody else through.
 *
 * @throws Error where the policy does not: the page must fail rather than show someone else's
 */
export async function requireAccount(req: Request, accounts: Accounts): Promise<Account> {
  const account = await signedInAccount(req, accounts);
  if (account === undefined) throw new Error(`${req.path} needs require: 'signed-in' in bulwark.config.ts`);
  return account;
}
