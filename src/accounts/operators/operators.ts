/** The one place where pages of a console and the command line find what operators do. */
import type { AccountsContext } from '../context.ts';
import type { Credentials } from '../flows/credentials.ts';
import type { Notices } from '../mail/notices.ts';
import { AccountFinder } from './account-finder.ts';
import { FactorResets } from './factor-resets.ts';
import { OperatorActs } from './operator-acts.ts';

/** What operators look at and do. Have their routes ask for the role, a second factor, and a fresh sign-in for each act. */
export class Operators {
  readonly accounts: AccountFinder;
  readonly acts: OperatorActs;
  readonly resets: FactorResets;

  constructor(context: AccountsContext, credentials: Credentials, notices: Notices) {
    this.accounts = new AccountFinder(context);
    this.acts = new OperatorActs(context, credentials);
    this.resets = new FactorResets(context, credentials, notices);
  }
}
