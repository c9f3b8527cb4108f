/** Accounts: found by address, state and role, a page at a time. */
import type { Account } from '../accounts/accounts.ts';
import { html, type Html } from '../ui/html.ts';
import { showAccount } from './account-page.ts';
import { accountsOf, noAccounts } from './account-parts.ts';
import { askAct, doAct } from './account-acts.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  oneField,
  page,
} from './console-page.ts';
import { noteLook } from './events-page.ts';
import { answerRequest, showRequest, showRequests } from './reset-requests.ts';
import { shownText, shownTime, table } from './shown.ts';

/** Who has an account, and what operators do to it. */
export const accountsPages: ConsolePage = {
  link: { path: '/accounts', label: 'Accounts' },
  routes: {
    'GET /accounts': findAccounts,
    'GET /accounts/one': showAccount,
    'GET /accounts/act': askAct,
    'POST /accounts/act': doAct,
    'GET /accounts/requests': showRequests,
    'GET /accounts/request': showRequest,
    'POST /accounts/request': answerRequest,
  },
};

const ON_A_PAGE = 50;
const FIELDS = ['begins', 'holds', 'state', 'role'] as const;
type Given = Partial<Record<(typeof FIELDS)[number], string>>;

async function findAccounts(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const accounts = accountsOf(context);
  if (accounts === undefined) return noAccounts();
  const { query, at } = request;
  const given: Given = {};
  for (const name of FIELDS) {
    const value = oneField(query, name);
    if (value !== undefined) given[name] = value;
  }
  const { operators } = accounts;
  const state = given.state === 'active' || given.state === 'disabled' ? given.state : undefined;
  const after = oneField(query, 'after');
  const found = await operators.accounts.find({ ...given, state, after, limit: ON_A_PAGE });
  // A place there is an address of somebody, whom nobody asked for.
  noteLook(request, 'accounts', { ...given, behind: after });
  const waiting = (await operators.resets.waiting()).length;
  const { next } = found;
  return page(
    'Accounts',
    html`<h1>Accounts</h1>
      <p>
        <a href="${at('/accounts/requests')}"
          >${
            waiting === 0
              ? 'No reset waits for a second operator'
              : waiting === 1
                ? '1 reset waits for a second operator'
                : `${waiting} resets wait for a second operator`
          }</a
        >.
      </p>
      ${searchForm(at('/accounts'), given)}
      <p role="status">
        ${found.accounts.length} ${found.accounts.length === 1 ? 'account' : 'accounts'}, by
        address.${next !== undefined && found.accounts.length === 0 && ' There may be some further on.'}
      </p>
      ${table(
        'Accounts',
        ['Address', 'State', 'Roles', 'Made (UTC)'],
        found.accounts.map((one) => row(one, at)),
        next === undefined ? 'No account is like this.' : 'None among those that were looked at.',
      )}
      ${
        next !== undefined &&
        html`<p class="actions">
          <a class="button quiet" href="${at('/accounts', { ...given, after: next })}" rel="next"
            >Further on</a
          >
        </p>`
      }`,
  );
}

function row(account: Account, at: ConsoleRequest['at']): readonly (Html | string)[] {
  const { id, email, roles, createdAt, disabled } = account;
  return [
    html`<a href="${at('/accounts/one', { id })}">${shownText(email)}</a>`,
    disabled ? html`<span class="badge warn">disabled</span>` : 'active',
    shownText(roles.join(', ')),
    shownTime(createdAt),
  ];
}

function searchForm(action: string, given: Given): Html {
  const text = (name: 'begins' | 'holds' | 'role', label: string): Html =>
    html`<div class="field">
      <label for="${name}">${label}</label>
      <input
        id="${name}"
        name="${name}"
        value="${given[name] ?? ''}"
        maxlength="254"
        autocomplete="off"
        autocapitalize="none"
        spellcheck="false"
      />
    </div>`;
  const option = (value: string, label: string): Html =>
    html`<option value="${value}" ${given.state === value && html` selected`}>${label}</option>`;
  return html`<form class="card search" method="get" action="${action}" role="search">
    <div class="fields">
      ${text('begins', 'Address begins with')} ${text('holds', 'Address has in it')}
      <div class="field">
        <label for="state">State</label>
        <select id="state" name="state">
          ${option('', 'any')}${option('active', 'active')}${option('disabled', 'disabled')}
        </select>
      </div>
      ${text('role', 'Role')}
    </div>
    <button class="button">Find</button>
  </form>`;
}
