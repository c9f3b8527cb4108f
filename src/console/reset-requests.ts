/** Resets of second factors that wait for the word of a second operator. */
import type { WaitingReset } from '../accounts/accounts.ts';
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
import { shownText, shownTime, table } from './shown.ts';

const OVER = 'This request was confirmed or withdrawn, or its time is over.';

/** `GET /accounts/requests`. */
export async function showRequests(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const accounts = accountsOf(context);
  if (accounts === undefined) return noAccounts();
  const { at, query } = request;
  const after = oneField(query, 'after');
  noteLook(request, 'resets', { after });
  const waiting = await accounts.operators.resets.waiting(after);
  const last = waiting.at(-1);
  return page(
    'Waiting for a second operator',
    html`<h1>Waiting for a second operator</h1>
      ${oneField(query, 'done') === 'withdrawn' && html`<p role="status" class="card">The request is withdrawn.</p>`}
      <p>Whoever asked for a reset of second factors cannot confirm it.</p>
      ${table(
        'Requests',
        ['Account', 'Asked by', 'Reason', 'Asked (UTC)', 'Until (UTC)', ''],
        waiting.map((one) => [
          html`<a href="${at('/accounts/one', { id: one.account })}">${shownText(one.email)}</a>`,
          shownText(one.askedByEmail ?? one.askedBy),
          shownText(one.reason),
          shownTime(one.askedAt),
          shownTime(one.expiresAt),
          html`<a href="${at('/accounts/request', { request: one.id })}"
            >Look at it<span class="visually-hidden"> (${shownText(one.email)})</span></a
          >`,
        ]),
        'Nothing waits.',
      )}
      ${
        waiting.length >= FULL_PAGE &&
        last !== undefined &&
        html`<p class="actions">
          <a class="button quiet" href="${at('/accounts/requests', { after: last.id })}" rel="next"
            >Further on</a
          >
        </p>`
      }`,
  );
}

/** As many as `waiting` gives at once. */
const FULL_PAGE = 50;

/** `GET /accounts/request`: what would happen. */
export async function showRequest(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  return await requestPage(context, request, oneField(request.query, 'request'));
}

/** `POST /accounts/request`: it is confirmed, or withdrawn. */
export async function answerRequest(
  context: ConsoleContext,
  request: ConsoleRequest,
): Promise<ConsoleAnswer> {
  const accounts = accountsOf(context);
  if (accounts === undefined) return noAccounts();
  const { form: fields, at } = request;
  const { resets } = accounts.operators;
  const id = oneField(fields, 'request');
  const word = oneField(fields, 'word');
  if (id === undefined || (word !== 'confirm' && word !== 'withdraw'))
    return await requestPage(context, request, id);
  const verdict =
    word === 'confirm'
      ? await resets.confirm(visitOf(request), id)
      : await resets.withdraw(visitOf(request), id);
  if (!verdict.ok && verdict.reason === 'factor') {
    const proof = stepUp(context, at('/accounts/request', { request: id }));
    if (proof !== undefined) return proof;
  }
  if (!verdict.ok)
    return await requestPage(context, request, id, REFUSAL_WORDS.get(verdict.reason) ?? 'It was refused.');
  return redirect(
    word === 'confirm'
      ? at('/accounts/one', { id: verdict.account, done: 'reset-factors' })
      : at('/accounts/requests', { done: 'withdrawn' }),
  );
}

async function requestPage(
  context: ConsoleContext,
  request: ConsoleRequest,
  id: string | undefined,
  wrong?: string,
): Promise<ConsoleAnswer> {
  const accounts = accountsOf(context);
  if (accounts === undefined) return noAccounts();
  const { at, view } = request;
  const found = id === undefined ? undefined : await accounts.operators.resets.find(id);
  if (found === undefined) return notThere(OVER, at('/accounts/requests'));
  noteLook(request, 'reset', { account: found.account });
  const isOwn = view.principal?.account === found.askedBy;
  return page(
    wrong === undefined ? 'Reset of second factors' : 'Error: Reset of second factors',
    html`<h1>Reset of second factors: ${shownText(found.email)}</h1>
      ${errorList(wrong === undefined ? [] : [{ field: 'main', message: wrong }])} ${facts(found, at)}
      <p><b>What happens once it is confirmed</b></p>
      <ul>
        <li>Authenticator app, passkeys, recovery codes and remembered browsers of this account are gone.</li>
        <li>
          Everyone is signed out of it. Its password alone signs in, until a second factor is added again.
        </li>
        <li>The owner is told by mail. The log names both operators.</li>
      </ul>
      <p>Ask whoever asked for it how they know. Confirm nothing that you could not explain yourself.</p>
      <div class="actions">
        ${
          isOwn
            ? html`<p>You asked for it yourself: another operator has to confirm it.</p>`
            : answerForm(request, found, 'confirm', 'Confirm the reset', 'button danger')
        }
        ${answerForm(request, found, 'withdraw', 'Withdraw the request', 'button quiet')}
      </div>`,
    wrong === undefined ? 200 : 409,
  );
}

function answerForm(
  { at, view }: ConsoleRequest,
  { id }: WaitingReset,
  word: 'confirm' | 'withdraw',
  label: string,
  className: string,
): Html {
  return form(
    at('/accounts/request'),
    view.csrfToken,
    html`${hidden('request', id)} ${hidden('word', word)}<button class="${className}">${label}</button>`,
    'inline',
  );
}

function facts(
  { account, email, askedBy, askedByEmail, reason, askedAt, expiresAt }: WaitingReset,
  at: ConsoleRequest['at'],
): Html {
  return html`<dl class="facts card">
    <dt>Account</dt>
    <dd><a href="${at('/accounts/one', { id: account })}">${shownText(email)}</a></dd>
    <dt>Asked by</dt>
    <dd>${shownText(askedByEmail ?? askedBy)}</dd>
    <dt>Reason</dt>
    <dd>${shownText(reason)}</dd>
    <dt>Asked</dt>
    <dd>${shownTime(askedAt)} UTC</dd>
    <dt>Until</dt>
    <dd>${shownTime(expiresAt)} UTC</dd>
  </dl>`;
}
