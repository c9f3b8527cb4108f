/** The accounts of a policy, for commands that look at them and act on them. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Accounts, type OperatorVisit } from '../accounts/accounts.ts';
import { parseEmailAddress } from '../accounts/email-address.ts';
import { AccountFinder } from '../accounts/operators/account-finder.ts';
import { machineVisit } from '../accounts/operators/machine-visit.ts';
import { Sessions } from '../controls/sessions/sessions.ts';
import { LAYER_PARTS } from '../core/layer-parts.ts';
import { SecondFactors } from '../identity/mfa/mfa.ts';
import { loadUnsignedPolicy } from '../policy/load-unsigned.ts';
import type { Policy } from '../policy/policy.ts';
import type { AccountStore } from '../stores/ports/accounts.ts';
import { withLog } from './command-log.ts';
import { printingAside } from './load-module.ts';
import { Failed, WrongUse } from './terminal.ts';

/** What commands look by. */
export interface LookPlace {
  readonly finder: AccountFinder;
  readonly store: AccountStore;
}

/** What commands act by. */
export interface ActPlace extends LookPlace {
  readonly accounts: Accounts;
  readonly visit: OperatorVisit;
  readonly policy: Policy;
}

/** Mails on their way wait so long for the mail server; then the application sends them. */
const MAIL_MS = 10_000;
const NO_SECRET =
  'This needs the secret of the application, by which mails to owners are sealed and records of the log signed: run it where the application runs, with its BULWARK_SECRET or whatever the policy says under secrets.';

/** Looks at accounts. Needs no secret and writes nothing. What the policy prints is no part of the result. */
export async function lookAt<T>(file: string, work: (place: LookPlace) => Promise<T>): Promise<T> {
  return await printingAside(async () => {
    const { policy } = await openPolicy(file);
    try {
      const sessions = new Sessions(policy.state.sessions, policy.session, () => undefined);
      const store = storeOf(policy, file);
      return await work({
        store,
        finder: new AccountFinder({ store, sessions, factors: SecondFactors.of(policy) }),
      });
    } finally {
      await policy.state.close();
    }
  });
}

/**
 * Acts on accounts. Events go to the log of the policy: to its file where it has one, and otherwise to standard error,
 * since standard output has the result.
 */
export async function actOn<T>(file: string, work: (place: ActPlace) => Promise<T>): Promise<T> {
  return await printingAside(async () => {
    const { policy, hasSecret } = await openPolicy(file);
    try {
      if (!hasSecret) throw new Failed(NO_SECRET);
      return await act(policy, storeOf(policy, file), work);
    } finally {
      await policy.state.close();
    }
  });
}

/** The id of an account by what was typed: its address, or its id. */
export async function idOf({ store }: LookPlace, typed: string): Promise<string> {
  const address = parseEmailAddress(typed);
  const record = address === undefined ? await store.find(typed) : await store.findByEmail(address.key);
  if (record === undefined) throw new Failed(`There is no account of this ${address ? 'address' : 'id'}.`);
  return record.id;
}

async function act<T>(
  policy: Policy,
  store: AccountStore,
  work: (place: ActPlace) => Promise<T>,
): Promise<T> {
  return await withLog(policy, async (log) => {
    const sessions = new Sessions(policy.state.sessions, policy.session, (...event) => log.write(...event));
    const audit: OperatorVisit['audit'] = (kind, details) => log.write(kind, details);
    const ground = { policy, sessions, audit, onClose: () => undefined };
    const accounts = Accounts.of({ [LAYER_PARTS]: ground });
    try {
      const visit = machineVisit(sessions, audit, `command line, ${userName()}`);
      return await work({ accounts, visit, policy, store, finder: accounts.operators.accounts });
    } finally {
      await accounts.close(MAIL_MS);
    }
  });
}

async function openPolicy(file: string): Promise<{ readonly policy: Policy; readonly hasSecret: boolean }> {
  if (!existsSync(file)) throw new WrongUse(`There is no ${file}.`);
  const loaded = await loadUnsignedPolicy(file);
  const { state } = loaded.policy;
  if (state.reach !== 'process') return loaded;
  await state.close();
  throw new Failed(`The accounts of ${file} are in the memory of another process, and in no other's reach.`);
}

function storeOf({ state: { accounts, factors } }: Policy, file: string): AccountStore {
  if (accounts !== undefined && factors !== undefined) return accounts;
  throw new Failed(`The state of ${file} keeps no accounts. Give it one that does: state: sqlite('data/')`);
}

/** There may be no user of this number, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${String(process.getuid?.() ?? 'unknown')}`;
  }
}
