/** What operators do to accounts. Each act is looked at anew for who may do it, is made once, and is an event. */
import { OPERATOR_CALLS } from '../accounts.calls.ts';
import { sessionRef } from '../../core/session-ref.ts';
import { tendMethods } from '../../core/tended.ts';
import type { AccountChange, AccountRecord } from '../../stores/ports/accounts.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { attemptAll } from '../attempt-all.ts';
import type { AccountsContext } from '../context.ts';
import type { Credentials } from '../flows/credentials.ts';
import { type Operator, operatorOf, type OperatorVisit } from './operator.ts';

/**
 * What became of an act. `operator`: nobody who may act is signed in. `factor`: they proved no second factor lately. `own`: it is their own account. `account`: there is
 * none of this id. `already`: it is so already. `busy`: it is being changed all the time; try again. `machine`: only at the
 * command line.
 */
export type ActVerdict = { readonly ok: true } | ActRefused;

/** A refusal. */
export interface ActRefused {
  readonly ok: false;
  readonly reason: ActRefusal;
}

/** Why an act was not done. */
export type ActRefusal = 'operator' | 'factor' | 'own' | 'account' | 'already' | 'busy' | 'machine';

/** What is done, as events and requests name it. */
export type Act =
  | 'sign-out'
  | 'end-session'
  | 'disable'
  | 'enable'
  | 'grant-role'
  | 'revoke-role'
  | 'ask-reset-factors'
  | 'withdraw-reset-factors'
  | 'reset-factors';

/** Whoever changes an account all the time must not keep operators from disabling it. */
const MOST_CONFLICTS = 20;
const DONE = { ok: true } as const;

/** Acts of operators. `accounts.operators.requests` has the reset of second factors, which takes two of them. */
export class OperatorActs {
  readonly #context: AccountsContext;
  readonly #credentials: Credentials;

  constructor(context: AccountsContext, credentials: Credentials) {
    this.#context = context;
    this.#credentials = credentials;
  }

  /** Ends every session of an account, and browsers that needed no second factor need it again. */
  async signOut(visit: OperatorVisit, id: string): Promise<ActVerdict> {
    OPERATOR_CALLS.signOut(visit, id);
    const operator = await this.#operatorFor(visit, 'sign-out', id);
    if ('reason' in operator) return operator;
    const { store, factors, activity } = this.#context;
    if ((await store.find(id)) === undefined) return no('account');
    await visit.session.confirm();
    await attemptAll([
      () => factors.rememberedBrowsers.forgetAll(visit, id),
      () => this.#credentials.endSignIns(id),
      () => activity.add(visit, id, 'signed-out-by-operator'),
    ]);
    this.#tell(visit, operator, 'sign-out', id);
    return DONE;
  }

  /**
   * Ends one session of an account.
   *
   * @param reference - as lists and the log call it
   */
  async endSession(visit: OperatorVisit, id: string, reference: string): Promise<ActVerdict> {
    OPERATOR_CALLS.endSession(visit, id, reference);
    const operator = await this.#operatorFor(visit, 'end-session', id);
    if ('reason' in operator) return operator;
    await visit.session.confirm();
    const { sessions } = this.#context;
    const found = (await sessions.list(id)).find(({ idHash }) => sessionRef(idHash) === reference);
    if (found === undefined || !(await sessions.revoke(found.idHash))) return no('already');
    this.#tell(visit, operator, 'end-session', id, { sessionRef: reference });
    return DONE;
  }

  /**
   * Has an account signed in to no more, at once: its sessions, tokens and mailed links end. Who tries to sign in is told
   * what everybody is told whose password is wrong.
   */
  async disable(visit: OperatorVisit, id: string): Promise<ActVerdict> {
    OPERATOR_CALLS.disable(visit, id);
    return await this.#change(visit, 'disable', id, ({ disabledAt }) =>
      disabledAt === undefined ? { disabledAt: this.#context.clock() } : undefined,
    );
  }

  /** Lets a disabled account be signed in to again. */
  async enable(visit: OperatorVisit, id: string): Promise<ActVerdict> {
    OPERATOR_CALLS.enable(visit, id);
    return await this.#change(visit, 'enable', id, ({ disabledAt }) =>
      disabledAt === undefined ? undefined : { disabledAt: null },
    );
  }

  /**
   * Gives an account a role. At the command line alone: an operator who makes operators is their own second one.
   *
   * @param role - letters, digits, _ : . -
   */
  async grantRole(visit: OperatorVisit, id: string, role: string): Promise<ActVerdict> {
    OPERATOR_CALLS.grantRole(visit, id, role);
    if (visit.machine === undefined) return no('machine');
    const grant = ({ roles }: AccountRecord): AccountChange | undefined =>
      roles.includes(role) ? undefined : { roles: [...roles, role] };
    return await this.#change(visit, 'grant-role', id, grant, role);
  }

  /** Takes a role from an account, at the command line. Its sessions end. */
  async revokeRole(visit: OperatorVisit, id: string, role: string): Promise<ActVerdict> {
    OPERATOR_CALLS.revokeRole(visit, id, role);
    if (visit.machine === undefined) return no('machine');
    const revoke = ({ roles }: AccountRecord): AccountChange | undefined =>
      roles.includes(role) ? { roles: roles.filter((one) => one !== role) } : undefined;
    return await this.#change(visit, 'revoke-role', id, revoke, role);
  }

  /** Who acts. Where it is nobody who may, the log has what was tried. */
  async #operatorFor(visit: OperatorVisit, act: Act, account: string): Promise<Operator | ActRefused> {
    const operator = await operatorOf(this.#context, visit);
    if (operator?.provedFactor === true) return operator;
    const refused = operator === undefined ? 'operator' : 'factor';
    const name = visit.session.principal?.account ?? 'nobody';
    visit.audit(ACCOUNTS_EVENTS.operatorActed, { operator: name, act, account, refused });
    return no(refused);
  }

  /** Of two operators who do the same at once, one does it, and the other is told that it was done. */
  async #change(
    visit: OperatorVisit,
    act: keyof typeof CHANGES,
    id: string,
    changeOf: (record: AccountRecord) => AccountChange | undefined,
    role?: string,
  ): Promise<ActVerdict> {
    const operator = await this.#operatorFor(visit, act, id);
    if ('reason' in operator) return operator;
    // The last one would lock everybody out, and nobody is to judge their own case.
    if (operator.account === id) return no('own');
    for (let conflict = 0; conflict < MOST_CONFLICTS; conflict += 1) {
      const record = await this.#context.store.find(id);
      if (record === undefined) return no('account');
      const change = changeOf(record);
      if (change === undefined) return no('already');
      if ((await this.#credentials.change(visit, record, change, CHANGES[act])) === 'changed') {
        this.#tell(visit, operator, act, id, { role });
        return DONE;
      }
    }
    return no('busy');
  }

  #tell(
    visit: OperatorVisit,
    { name }: Operator,
    act: Act,
    account: string,
    more: { readonly role?: string | undefined; readonly sessionRef?: string } = {},
  ): void {
    visit.audit(ACCOUNTS_EVENTS.operatorActed, { operator: name, act, account, ...more });
  }

  static {
    tendMethods(OperatorActs, (its) => its.#context.audit);
  }
}

const CHANGES = {
  disable: 'account-disabled',
  enable: 'account-enabled',
  'grant-role': 'roles-changed',
  'revoke-role': 'roles-changed',
} as const;

function no(reason: ActRefusal): ActRefused {
  return { ok: false, reason };
}
