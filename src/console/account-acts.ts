/** Acts of operators: first a page that says what happens, then a form that does it. No script: it is there for every browser. */
import type { Accounts, AccountView, ActVerdict, OperatorVisit } from '../accounts/accounts.ts';
import { errorList, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { accountsOf, noAccounts, notThere, REFUSAL_WORDS, stepUp, visitOf } from './account-parts.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsoleRequest,
  oneField,
  page,
  redirect,
} from './console-page.ts';
import { noteLook } from './events-page.ts';
import { shownText } from './shown.ts';

/** One act, as its page shows it. */
interface Act {
  readonly act: string;
  /** On its button. */
  readonly label: string;
  /** What happens, before anything does. */
  readonly means: readonly string[];
  readonly danger: boolean;
  readonly fits: (view: AccountView) => boolean;
  readonly run: (
    operators: Accounts['operators'],
    visit: OperatorVisit,
    id: string,
    fields: URLSearchParams,
  ) => Promise<ActVerdict | { readonly ok: boolean; readonly reason?: string }>;
}

const hasFactors = ({ factors: { secondFactor, recoveryCodesLeft } }: AccountView): boolean =>
  secondFactor || recoveryCodesLeft > 0;

const ACTS: readonly Act[] = [
  {
    act: 'sign-out',
    label: 'Sign out everywhere',
    means: [
      'Every session of this account ends at once, in every process.',
      'Browsers that needed no second factor for a while need it again.',
      'Its password, its second factors and tokens of programs stay: whoever has these comes back.',
    ],
    danger: false,
    fits: () => true,
    run: (operators, visit, id) => operators.acts.signOut(visit, id),
  },
  {
    act: 'disable',
    label: 'Disable',
    means: [
      'Every session, token of a program and mailed link of this account ends at once.',
      'Nobody signs in to it any more. Who tries is told what everybody is told whose password is wrong.',
      'Nothing that belongs to it is removed, and it can be enabled again.',
    ],
    danger: true,
    fits: ({ disabledAt }) => disabledAt === undefined,
    run: (operators, visit, id) => operators.acts.disable(visit, id),
  },
  {
    act: 'enable',
    label: 'Enable',
    means: ['Its owner may sign in again, with the password and the second factors it had.'],
    danger: false,
    fits: ({ disabledAt }) => disabledAt !== undefined,
    run: (operators, visit, id) => operators.acts.enable(visit, id),
  },
  {
    act: 'ask-reset-factors',
    label: 'Ask for a reset of second factors',
    means: [
      'Nothing is removed yet: another operator has to confirm it, in time. You cannot.',
      'The owner is told by mail at once, and again when it is done.',
      'Then authenticator app, passkeys and recovery codes are gone, everyone is signed out, and the password alone signs in.',
      'First make sure by other means who asks for it. The mail and this page are no proof.',
    ],
    danger: true,
    fits: hasFactors,
    run: (operators, visit, id, fields) => operators.resets.ask(visit, id, oneField(fields, 'reason') ?? ''),
  },
  {
    act: 'end-session',
    label: 'End the session',
    means: ['This one session ends at once. Whoever has it has to sign in again.'],
    danger: false,
    // Reached from the row of a session.
    fits: () => false,
    run: (operators, visit, id, fields) =>
      operators.acts.endSession(visit, id, oneField(fields, 'session') ?? ''),
  },
];

/** What is said once it is done. */
export const DONE_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'sign-out': 'It is signed out everywhere.',
    disable: 'It is disabled.',
    enable: 'It may sign in again.',
    'ask-reset-factors': 'Asked for. Another operator has to confirm it; the owner is told by mail.',
    'end-session': 'The session has ended.',
    'reset-factors': 'Its second factors are removed, and everyone is signed out. The owner is told by mail.',
  }),
);

/** What may be done to an account as it is. */
export function actsFor(view: AccountView): readonly Pick<Act, 'act' | 'label'>[] {
  return ACTS.filter(({ fits }) => fits(view));
}

/** `GET /accounts/act`: what would happen. */
export async function askAct(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  return await actPage(context, request, request.query);
}

/** `POST /accounts/act`: it happens. */
export async function doAct(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const accounts = accountsOf(context);
  const { form: fields, at } = request;
  const id = oneField(fields, 'id');
  const found = ACTS.find(({ act }) => act === oneField(fields, 'act'));
  if (accounts === undefined || id === undefined || found === undefined)
    return await actPage(context, request, fields);
  if (found.act === 'ask-reset-factors' && oneField(fields, 'reason') === undefined)
    return await actPage(context, request, fields, 'Say how you know who asks for it.');
  const verdict = await found.run(accounts.operators, visitOf(request), id, fields);
  if (verdict.ok) return redirect(at('/accounts/one', { id, done: found.act }));
  const reason = 'reason' in verdict ? verdict.reason : undefined;
  if (reason === 'factor') {
    const back = at('/accounts/act', { id, act: found.act, session: oneField(fields, 'session') });
    const proof = stepUp(context, back);
    if (proof !== undefined) return proof;
  }
  return await actPage(context, request, fields, REFUSAL_WORDS.get(reason ?? '') ?? 'It was refused.');
}

async function actPage(
  context: ConsoleContext,
  request: ConsoleRequest,
  fields: URLSearchParams,
  wrong?: string,
): Promise<ConsoleAnswer> {
  const accounts = accountsOf(context);
  if (accounts === undefined) return noAccounts();
  const { at, view } = request;
  const id = oneField(fields, 'id');
  const found = ACTS.find(({ act }) => act === oneField(fields, 'act'));
  const account = id === undefined ? undefined : await accounts.find(id);
  if (account === undefined || found === undefined)
    return notThere('There is no such account, or nothing like that to be done.', at('/accounts'));
  noteLook(request, 'act', { account: account.id, act: found.act });
  const { act, label, means, danger } = found;
  const session = oneField(fields, 'session');
  return page(
    wrong === undefined ? label : `Error: ${label}`,
    html`<h1>${label}: ${shownText(account.email)}</h1>
      ${errorList(wrong === undefined ? [] : [{ field: act === 'ask-reset-factors' ? 'reason' : 'main', message: wrong }])}
      ${form(
        at('/accounts/act'),
        view.csrfToken,
        html`${hidden('id', account.id)} ${hidden('act', act)}
          ${session !== undefined && hidden('session', session)}
          <p><b>What happens</b></p>
          <ul>
            ${means.map((one) => html`<li>${one}</li>`)}
          </ul>
          ${act === 'end-session' && html`<p>Session: <code>${shownText(session ?? '')}</code></p>`}
          ${act === 'ask-reset-factors' && reasonField(fields)}
          <p class="actions">
            <button class="button ${danger && 'danger'}">${label}</button>
            <a class="button quiet" href="${at('/accounts/one', { id: account.id })}">Leave it as it is</a>
          </p>`,
      )}`,
    wrong === undefined ? 200 : 409,
  );
}

function reasonField(fields: URLSearchParams): Html {
  return html`<div class="field">
    <label for="reason">How do you know who asks for it?</label>
    <p class="hint soft small" id="reason-hint">
      For the operator who confirms it, and for the log. No secret and no number of a document.
    </p>
    <input
      id="reason"
      name="reason"
      value="${oneField(fields, 'reason') ?? ''}"
      maxlength="300"
      required
      autocomplete="off"
      aria-describedby="reason-hint"
    />
  </div>`;
}
