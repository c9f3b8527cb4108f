/**
 * A reset of second factors takes two operators: one asks, another confirms. Whoever talks one of them into it, or sits at
 * the screen of one, has opened nothing.
 */
import { RESET_CALLS } from '../accounts.calls.ts';
import { randomId } from '../../core/random.ts';
import { tendMethods } from '../../core/tended.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import type { ActRequestRecord } from '../../stores/ports/act-requests.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { attemptAll } from '../attempt-all.ts';
import type { AccountsContext } from '../context.ts';
import type { Credentials } from '../flows/credentials.ts';
import type { Notices } from '../mail/notices.ts';
import { factorsReset, factorsResetAsked } from '../mail/texts.ts';
import { isOperator, type Operator, operatorOf, type OperatorVisit } from './operator.ts';
import type { Act } from './operator-acts.ts';

/**
 * Why a reset was not asked for, or not made. `operator`: nobody who may act is signed in. `factor`: they proved no second
 * factor lately. `own`: it is their own account. `account`: there is none. `none`: it has no second factor.
 * `waiting`: a reset of it waits already. `over`: the request was used, withdrawn, or is past its end. `same`: who asked
 * cannot confirm. `asker`: who asked is no operator any more. `machine`: only at the command line.
 */
export type ResetRefusal =
  | 'operator'
  | 'factor'
  | 'own'
  | 'account'
  | 'none'
  | 'waiting'
  | 'over'
  | 'same'
  | 'asker'
  | 'machine';

/** A refusal. */
export interface ResetRefused {
  readonly ok: false;
  readonly reason: ResetRefusal;
}

/** What became of a confirmation, or of a request that was withdrawn. */
export type FactorResetVerdict = { readonly ok: true; readonly account: string } | ResetRefused;

/** What became of a request. */
export type AskVerdict =
  | { readonly ok: true; readonly request: string; readonly expiresAt: number }
  | ResetRefused;

/** A request that waits for another operator. */
export interface WaitingReset extends Omit<ActRequestRecord, 'act'> {
  /** The address of the account. */
  readonly email: string;
  /** The address of who asked; undefined where that account is gone. */
  readonly askedByEmail: string | undefined;
}

/** What a reset is made of, beside what it removes. */
interface ResetSteps {
  /** False: somebody else has done it, or taken it back. */
  readonly claim: () => Promise<boolean>;
  readonly tell: (failed?: { readonly failed: true }) => void;
  readonly putBack: () => Promise<unknown>;
}

const ACT = 'reset-factors';
const ID_BYTES = 16;
const PAGE = 50;
const LONGEST_REASON = 300;

/** Resets of second factors. */
export class FactorResets {
  readonly #context: AccountsContext;
  readonly #credentials: Credentials;
  readonly #notices: Notices;

  constructor(context: AccountsContext, credentials: Credentials, notices: Notices) {
    this.#context = context;
    this.#credentials = credentials;
    this.#notices = notices;
  }

  /**
   * Asks for a reset, which another operator has to confirm in time. The owner hears of it by mail at once: whoever is
   * about to lose their account can say so.
   *
   * @param reason - how it is known who asked for it; for whoever confirms, and for the log
   */
  async ask(visit: OperatorVisit, id: string, reason: string): Promise<AskVerdict> {
    RESET_CALLS.ask(visit, id, reason);
    const who = await this.#operatorFor(visit, 'ask-reset-factors', id);
    if ('reason' in who) return who;
    const { store, factors, settings, clock } = this.#context;
    const record = await store.find(id);
    if (record === undefined) return no('account');
    if (!hasFactors(await factors.overview(id))) return no('none');
    const askedAt = clock();
    const request: ActRequestRecord = {
      id: randomId(ID_BYTES),
      act: ACT,
      account: id,
      askedBy: who.by,
      reason: reason.trim().slice(0, LONGEST_REASON).toWellFormed(),
      askedAt,
      expiresAt: askedAt + settings.secondWordFor,
    };
    await visit.session.confirm();
    return await this.#notices.tellOf<AskVerdict>(visit, record, factorsResetAsked, async (notMade) => {
      if (!(await store.actRequests.ask(request, askedAt))) {
        notMade();
        return no('waiting');
      }
      this.#tell(visit, 'ask-reset-factors', request, who.by);
      await this.#context.activity.add(visit, id, 'factors-reset-asked');
      return { ok: true, request: request.id, expiresAt: request.expiresAt };
    });
  }

  /**
   * Confirms a request of another operator: the second factors of the account are gone, and everyone is signed out of it.
   * Of two operators who confirm at once, one does.
   */
  async confirm(visit: OperatorVisit, requestId: string): Promise<FactorResetVerdict> {
    RESET_CALLS.confirm(visit, requestId);
    const { store, clock } = this.#context;
    const request = await store.actRequests.find(ACT, requestId, clock());
    const account = request?.account ?? 'unknown';
    const who = await this.#operatorFor(visit, ACT, account);
    if ('reason' in who) return who;
    if (request === undefined) return no('over');
    const { by } = who;
    const { askedBy } = request;
    if (askedBy === by) return this.#refuse(visit, ACT, account, 'same');
    if (!(await isOperator(this.#context, askedBy))) return this.#refuse(visit, ACT, account, 'asker');
    const record = await store.find(account);
    if (record === undefined) return no('account');
    await visit.session.confirm();
    // In the store as well: nobody confirms their own, whatever was read before.
    const claim = async (): Promise<boolean> =>
      (await store.actRequests.take(ACT, requestId, by, clock())) !== undefined;
    const done = await this.#reset(visit, record, {
      claim,
      tell: (failed) => this.#tell(visit, ACT, request, by, failed),
      // Nothing was removed: it waits again for whoever confirms, and nobody has to ask anew.
      putBack: async () => store.actRequests.ask(request, clock()),
    });
    return done ? { ok: true, account } : no('over');
  }

  /** Takes a request back: who asked, or any other operator who thinks that it should not be. */
  async withdraw(visit: OperatorVisit, requestId: string): Promise<FactorResetVerdict> {
    RESET_CALLS.withdraw(visit, requestId);
    const { store, clock } = this.#context;
    const request = await store.actRequests.find(ACT, requestId, clock());
    const account = request?.account ?? 'unknown';
    const who = await this.#actorFor(visit, 'withdraw-reset-factors', account);
    if ('reason' in who) return who;
    await visit.session.confirm();
    if (request === undefined || !(await store.actRequests.remove(ACT, requestId))) return no('over');
    this.#tell(visit, 'withdraw-reset-factors', request, who.name);
    return { ok: true, account: request.account };
  }

  /** Requests that wait, a page at a time, behind the id of the last one of the page before. */
  async waiting(after?: string): Promise<readonly WaitingReset[]> {
    RESET_CALLS.waiting(after);
    const { store, clock } = this.#context;
    const requests = await store.actRequests.list(ACT, after, PAGE, clock());
    return await Promise.all(requests.map((one) => this.#shown(one)));
  }

  /** A request that waits. Undefined: it was used or withdrawn, or is past its end. */
  async find(requestId: string): Promise<WaitingReset | undefined> {
    RESET_CALLS.find(requestId);
    const { store, clock } = this.#context;
    const request = await store.actRequests.find(ACT, requestId, clock());
    return request === undefined ? undefined : await this.#shown(request);
  }

  /** Resets at once, at the command line alone: who can run it holds the machine, and needs no second word. */
  async resetNow(visit: OperatorVisit, id: string): Promise<FactorResetVerdict> {
    RESET_CALLS.resetNow(visit, id);
    const { machine } = visit;
    if (machine === undefined) return no('machine');
    const { store, factors } = this.#context;
    const record = await store.find(id);
    if (record === undefined) return no('account');
    if (!hasFactors(await factors.overview(id))) return no('none');
    await this.#reset(visit, record, {
      claim: () => Promise.resolve(true),
      tell: (failed) =>
        visit.audit(ACCOUNTS_EVENTS.operatorActed, { operator: machine, act: ACT, account: id, ...failed }),
      putBack: () => Promise.resolve(true),
    });
    return { ok: true, account: id };
  }

  /** The owner is told of it by a mail that is stored before: also where this process ends half way. */
  async #reset(
    visit: OperatorVisit,
    record: AccountRecord,
    { claim, tell, putBack }: ResetSteps,
  ): Promise<boolean> {
    const { factors, activity } = this.#context;
    const { id } = record;
    return await this.#notices.tellOf(visit, record, factorsReset, async (notMade) => {
      if (!(await claim())) {
        notMade();
        return false;
      }
      try {
        await factors.removeAccount(visit, id);
      } catch (error) {
        tell({ failed: true });
        const stays = await this.#stillHas(id);
        if (stays) notMade();
        // Where nobody knows whether they are there, the owner hears of it, and nobody stays signed in meanwhile.
        const rest = stays ? putBack : async (): Promise<unknown> => this.#credentials.endSignIns(id);
        // What fails there too must not hide what failed first.
        await Promise.allSettled([rest()]);
        throw error;
      }
      tell();
      await attemptAll([
        // Behind it: a sign-in that begins from now on meets no second factor, and one that is under way begins anew.
        () => this.#credentials.endSignIns(id),
        () => activity.add(visit, id, 'factors-reset'),
      ]);
      return true;
    });
  }

  /** Whether an account surely has second factors. A store that is gone says nothing. */
  async #stillHas(id: string): Promise<boolean> {
    try {
      return hasFactors(await this.#context.factors.overview(id));
    } catch {
      return false;
    }
  }

  async #shown({ act: _act, ...request }: ActRequestRecord): Promise<WaitingReset> {
    const { store } = this.#context;
    return {
      ...request,
      email: (await store.find(request.account))?.email ?? '',
      askedByEmail: (await store.find(request.askedBy))?.email,
    };
  }

  /** Who has a part in the reset of an account, by the id of their own; or what keeps them from it. */
  async #operatorFor(
    visit: OperatorVisit,
    act: Act,
    account: string,
  ): Promise<{ readonly by: string } | ResetRefused> {
    const operator = await this.#actorFor(visit, act, account);
    if ('reason' in operator) return operator;
    // At the command line there is one word, and no second one: `resetNow`.
    if (operator.account === undefined) return this.#refuse(visit, act, account, 'operator');
    if (operator.account === account) return this.#refuse(visit, act, account, 'own');
    return { by: operator.account };
  }

  /** Who acts. Where it is nobody who may, the log has what was tried. */
  async #actorFor(visit: OperatorVisit, act: Act, account: string): Promise<Operator | ResetRefused> {
    const operator = await operatorOf(this.#context, visit);
    if (operator === undefined) return this.#refuse(visit, act, account, 'operator');
    if (!operator.provedFactor) return this.#refuse(visit, act, account, 'factor');
    return operator;
  }

  #refuse(visit: OperatorVisit, act: Act, account: string, refused: ResetRefusal): ResetRefused {
    const operator = visit.machine ?? visit.session.principal?.account ?? 'nobody';
    visit.audit(ACCOUNTS_EVENTS.operatorActed, { operator, act, account, refused });
    return no(refused);
  }

  #tell(
    visit: OperatorVisit,
    act: Act,
    { id, account, askedBy, reason }: ActRequestRecord,
    by: string,
    failed?: { readonly failed: true },
  ): void {
    const about = { operator: by, act, account, askedBy, request: id, reason };
    visit.audit(ACCOUNTS_EVENTS.operatorActed, { ...about, ...failed });
  }

  static {
    tendMethods(FactorResets, (its) => its.#context.audit);
  }
}

function hasFactors(has: { readonly secondFactor: boolean; readonly recoveryCodesLeft: number }): boolean {
  return has.secondFactor || has.recoveryCodesLeft > 0;
}

function no(reason: ResetRefusal): ResetRefused {
  return { ok: false, reason };
}
