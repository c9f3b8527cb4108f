/** What the pages about accounts share: the accounts of the policy, an operator's request as accounts see it, and their words. */
import { Accounts, type AccountsLayer, type OperatorVisit } from '../accounts/accounts.ts';
import { View } from '../layer/view.ts';
import { html } from '../ui/html.ts';
import type { ConsoleAnswer, ConsoleContext, ConsoleRequest } from './console-page.ts';
import { page, redirect } from './console-page.ts';

/** The accounts of the policy. Undefined: it declares none. */
export function accountsOf({ parts, madeOn }: ConsoleContext): Accounts | undefined {
  return parts.policy.accounts === undefined ? undefined : Accounts.of(madeOn as AccountsLayer);
}

/** Where there are none. */
export function noAccounts(): ConsoleAnswer {
  return page(
    'Accounts',
    html`<h1>Accounts</h1>
      <p>The policy declares no accounts: who signs in here is known to the application alone.</p>`,
  );
}

/** Where an address leads to nothing any more. */
export function notThere(what: string, back: string): ConsoleAnswer {
  return page(
    'Not there',
    html`<h1>Not there</h1>
      <p>${what}</p>
      <p class="actions"><a class="button quiet" href="${back}">Back</a></p>`,
    404,
  );
}

/**
 * Where a second factor is proved anew, and from where one comes back. Undefined: the policy names no page for it.
 *
 * @param back - an address of the console
 */
export function stepUp({ parts }: ConsoleContext, back: string): ConsoleAnswer | undefined {
  const { stepUp: to } = parts.policy.access;
  return to === undefined
    ? undefined
    : redirect(`${to}?${new URLSearchParams({ next: back, need: 'mfa' }).toString()}`);
}

/** An operator's request, as accounts see it. */
export function visitOf({ view }: ConsoleRequest): OperatorVisit {
  const { headers } = View.exchangeOf(view).request;
  return {
    audit: view.audit,
    session: view.session,
    client: view.client,
    cookie: oneHeader(headers['cookie'], '; '),
    userAgent: oneHeader(headers['user-agent'], ' ') ?? '',
    // Sessions set theirs by themselves, and nothing here keeps another.
    setCookie: () => undefined,
  };
}

function oneHeader(value: string | readonly string[] | undefined, between: string): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value.join(between);
}

/** Why something was not done, in a sentence for whoever asked for it. */
export const REFUSAL_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    operator:
      'Your account has not the role of operators. A session alone is not enough: bulwark accounts grant.',
    own: 'This is your own account: another operator has to do that.',
    account: 'This account is gone.',
    already: 'Nothing to do: it is so already.',
    busy: 'The account is being changed all the time. Try again.',
    machine: 'This is done at the command line alone.',
    factor: 'Prove your second factor anew: sign in again.',
    none: 'Nothing to do: the account has no second factor.',
    waiting: 'A reset of this account waits for another operator already.',
    over: 'This request was confirmed or withdrawn meanwhile, or its time is over.',
    same: 'You asked for it yourself: another operator has to confirm it.',
    asker: 'Who asked for it is no operator any more. Withdraw it.',
  }),
);
