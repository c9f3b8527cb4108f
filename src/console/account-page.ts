/** One account: what is kept of it, what operators did to it, and what they may do. */
import type { AccountView } from '../accounts/accounts.ts';
import { ACCOUNTS_EVENTS } from '../accounts/accounts.events.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { html, type Html } from '../ui/html.ts';
import { actsFor, DONE_WORDS } from './account-acts.ts';
import { accountsOf, noAccounts, notThere } from './account-parts.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsoleRequest,
  oneField,
  page,
} from './console-page.ts';
import { searchEvents } from './event-search.ts';
import { noteLook } from './events-page.ts';
import { shownCount, shownText, shownTime, table } from './shown.ts';

const MOST_ACTS = 50;
const LINES = 30;

/** `GET /accounts/one`. */
export async function showAccount(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const accounts = accountsOf(context);
  if (accounts === undefined) return noAccounts();
  const { at, now } = request;
  const id = oneField(request.query, 'id');
  const view = id === undefined ? undefined : await accounts.operators.accounts.look(id);
  if (id === undefined || view === undefined) return notThere('There is no such account.', at('/accounts'));
  noteLook(request, 'account', { account: id });
  context.feed.work(now);
  const acts = await searchEvents(
    context,
    { event: ACCOUNTS_EVENTS.operatorActed.name, text: id },
    MOST_ACTS,
  );
  // By the pages, an operator is the account of the event; at the command line, it is whom the event is about.
  const about = acts.events.filter(
    ({ event: { account, details = {} } }) =>
      details['account'] === id || (account === id && 'operator' in details),
  );
  const done = DONE_WORDS.get(oneField(request.query, 'done') ?? '');
  const { account } = view;
  return page(
    account.email,
    html`<h1>${shownText(account.email)}</h1>
      ${done !== undefined && html`<p role="status" class="card">${done}</p>`} ${facts(view, at)}
      <section aria-labelledby="acts">
        <h2 id="acts">What can be done</h2>
        <p class="actions">
          ${actsFor(view).map(
            ({ act, label }) =>
              html`<a class="button quiet" href="${at('/accounts/act', { id, act })}">${label}</a> `,
          )}
        </p>
      </section>
      ${sections(view, at)}
      <section aria-labelledby="operators">
        <h2 id="operators">What operators did to it</h2>
        ${table(
          'Acts of operators, newest first',
          ['Time (UTC)', 'Operator', 'Act', 'More'],
          about.map(({ event }) => actRow(event, at)),
          'Nothing lately.',
        )}
        ${
          acts.next !== undefined &&
          html`<p class="soft small">
            Of the latest ${shownCount(acts.looked)} acts of operators on any account. There may be some
            before: search the events.
          </p>`
        }
        <p class="actions">
          <a class="button quiet" href="${at('/story', { account: id })}">Events of this account</a>
        </p>
      </section>`,
  );
}

function facts({ account, disabledAt, removalAt }: AccountView, at: ConsoleRequest['at']): Html {
  const { id, roles, createdAt, hasPassword } = account;
  return html`<dl class="facts card">
    <dt>State</dt>
    <dd>
      ${
        disabledAt === undefined
          ? 'active'
          : html`<span class="badge warn">disabled</span> since ${shownTime(disabledAt)} UTC`
      }${
        removalAt !== undefined &&
        html`, <span class="badge warn">to be removed</span> on ${shownTime(removalAt)} UTC, as its owner
          asked`
      }
    </dd>
    <dt>Roles</dt>
    <dd>${roles.length === 0 ? 'none' : shownText(roles.join(', '))}</dd>
    <dt>Made</dt>
    <dd>${shownTime(createdAt)} UTC</dd>
    <dt>Password</dt>
    <dd>${hasPassword ? 'yes' : 'none'}</dd>
    <dt>Id</dt>
    <dd>
      <a href="${at('/story', { account: id })}"><code>${id}</code></a>
    </dd>
  </dl>`;
}

function sections(view: AccountView, at: ConsoleRequest['at']): readonly Html[] {
  const { account, sessions, factors, browsers, remembered, identities, apiTokens, activity } = view;
  const { totp, passkeys, recoveryCodesLeft } = factors;
  const end = (session: string): Html =>
    html`<a href="${at('/accounts/act', { id: account.id, act: 'end-session', session })}"
      >End it<span class="visually-hidden"> (${session})</span></a
    >`;
  return [
    section(
      'sessions',
      'Sessions',
      table(
        'Sessions, last used first',
        ['Last used (UTC)', 'Began (UTC)', 'From', 'Browser', 'Session', ''],
        sessions.map(({ session, seenAt, createdAt, address, userAgent }) => [
          shownTime(seenAt),
          shownTime(createdAt),
          shownText(address),
          shownText(userAgent),
          html`<a href="${at('/story', { session })}">${session}</a>`,
          end(session),
        ]),
        'Signed in nowhere.',
      ),
    ),
    section(
      'factors',
      'Second factors',
      table(
        'Second factors',
        ['What', 'Last used (UTC)'],
        [
          ...(totp === undefined ? [] : [['Authenticator app', shownTime(totp.usedAt)]]),
          ...passkeys.map(({ name, usedAt }) => [
            `Passkey ${shownText(name)}`,
            usedAt === undefined ? 'never' : shownTime(usedAt),
          ]),
          ...(recoveryCodesLeft === 0 ? [] : [[`${recoveryCodesLeft} recovery codes`, '']]),
          ...remembered.map(({ userAgent, usedAt }) => [
            `A browser that needs none for a while: ${shownText(userAgent)}`,
            shownTime(usedAt),
          ]),
        ],
        'None.',
      ),
    ),
    section(
      'browsers',
      'Browsers it is known from',
      table(
        'Browsers',
        ['Last used (UTC)', 'From', 'Browser'],
        browsers.map(({ seenAt, address, userAgent }) => [
          shownTime(seenAt),
          shownText(address),
          shownText(userAgent),
        ]),
        'None.',
      ),
    ),
    section(
      'others',
      'Other ways in',
      table(
        'Services and tokens of programs',
        ['What', 'Name', 'Last used (UTC)'],
        [
          ...identities.map(({ issuer, label, usedAt }) => [
            shownText(issuer),
            shownText(label),
            usedAt === undefined ? 'never' : shownTime(usedAt),
          ]),
          ...apiTokens.map(({ hint, name, scopes, usedAt }) => [
            shownText(`API token ${hint}... for ${scopes.join(', ')}`),
            shownText(name),
            usedAt === undefined ? 'never' : shownTime(usedAt),
          ]),
        ],
        'None.',
      ),
    ),
    section(
      'history',
      'What its owner sees',
      table(
        'History, newest first',
        ['Time (UTC)', 'What', 'More', 'From'],
        activity
          .slice(0, LINES)
          .map(({ at: when, event, detail, address }) => [
            shownTime(when),
            shownText(event),
            shownText(detail),
            shownText(address),
          ]),
      ),
    ),
  ];
}

function actRow({ time, details = {} }: AuditEvent, at: ConsoleRequest['at']): readonly (Html | string)[] {
  const text = (name: string): string => {
    const value = details[name];
    return typeof value === 'string' ? value : '';
  };
  const operator = text('operator');
  const more = ['role', 'session', 'reason'].map(text).filter((one) => one !== '');
  return [
    shownTime(time),
    html`<a href="${at('/story', { account: operator })}">${shownText(operator)}</a>`,
    html`${shownText(text('act'))}${
      text('refused') !== '' && html` <span class="badge warn">refused: ${shownText(text('refused'))}</span>`
    }`,
    html`${shownText(more.join(', '))}${text('askedBy') !== '' && html` (asked by ${shownText(text('askedBy'))})`}`,
  ];
}

function section(id: string, title: string, body: Html): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;
}
