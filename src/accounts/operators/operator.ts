/** Who acts on the accounts of others: an operator who is signed in, or whoever holds the machine. */
import type { AccountsContext, AccountVisit } from '../context.ts';

/** A request of an operator; or, at the command line, what stands in its place. */
export interface OperatorVisit extends AccountVisit {
  /**
   * What the log calls whoever runs a command at the server. No request has one. Who holds the machine holds the store
   * with it: their word needs no second one.
   */
  readonly machine?: string;
}

/** Somebody who may act. */
export interface Operator {
  /** What the log calls them: the id of their account, or who runs the command. */
  readonly name: string;
  /** Undefined: whoever holds the machine. */
  readonly account: string | undefined;
  /**
   * Whether they proved a second factor lately: whoever found a signed-in browser acts on nobody. Whoever holds the machine
   * has none to prove.
   */
  readonly provedFactor: boolean;
}

/**
 * Who acts by a visit. Their account is read anew: a rule of the route that was left out must let nobody in, and the role
 * may have been taken away a moment ago. Undefined: nobody who may.
 */
export async function operatorOf(
  context: Pick<AccountsContext, 'store' | 'operatorRole' | 'operatorFreshMs' | 'clock'>,
  { machine, session }: OperatorVisit,
): Promise<Operator | undefined> {
  if (machine !== undefined) return { name: machine, account: undefined, provedFactor: true };
  const { principal } = session;
  if (principal === undefined || !(await isOperator(context, principal.account))) return undefined;
  const { operatorFreshMs, clock } = context;
  return {
    name: principal.account,
    account: principal.account,
    provedFactor: principal.mfaAt !== undefined && clock() - principal.mfaAt <= operatorFreshMs,
  };
}

/** Whether an account may act on others at this moment. */
export async function isOperator(
  { store, operatorRole }: Pick<AccountsContext, 'store' | 'operatorRole'>,
  id: string,
): Promise<boolean> {
  const record = await store.find(id);
  return record !== undefined && record.disabledAt === undefined && record.roles.includes(operatorRole);
}
