/** The documents that are made from the code: what they say cannot drift from what it does. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_LEVELS } from '../src/audit/audit-event.ts';
import { SECTIONS } from '../src/policy/policy.ts';
import { routeOptions } from '../src/policy/route.options.ts';
import type { EventName } from '../src/core/events.ts';
import type { OptionSpec } from '../src/core/options.ts';
import { accountsOptions } from '../src/accounts/accounts.options.ts';
import { mfaOptions } from '../src/identity/mfa/mfa.options.ts';
import { oidcOptions, providerOptions } from '../src/identity/oidc/oidc.options.ts';
import { passwordsOptions } from '../src/identity/passwords/passwords.options.ts';
import { rangeServiceOptions } from '../src/identity/passwords/breached/range-service.options.ts';
import { proofOfWorkOptions } from '../src/identity/proof-of-work/proof-of-work.options.ts';
import { type Requirement, writeAsvs } from './asvs.ts';
import { writeCommonFilter } from './common-passwords.ts';

const ROOT = join(import.meta.dirname, '..');

/** One generated file: its path in the repository and its whole text. */
export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

/** Every generated document, as it has to be now. */
export function generateDocuments(standard: readonly Requirement[]): readonly GeneratedDocument[] {
  return [
    { path: 'docs/manual/defaults.md', text: defaults() },
    { path: 'docs/events.md', text: events() },
    { path: 'docs/asvs.md', text: writeAsvs(standard) },
    { path: 'src/identity/passwords/common-filter.ts', text: writeCommonFilter() },
  ];
}

function defaults(): string {
  const tables: [string, object][] = [
    ...Object.entries(SECTIONS),
    ["routes['...']", routeOptions],
    ['Passwords.of', passwordsOptions],
    ['rangeService', rangeServiceOptions],
    ['Accounts.of', accountsOptions],
    ['ProofOfWork.of', proofOfWorkOptions],
    ['SecondFactors.of', mfaOptions],
    ['SignInProviders.of', oidcOptions],
    ["SignInProviders.of providers['...']", providerOptions],
  ];
  const parts = tables.map(([name, table]) => {
    const rows = Object.entries(table as Record<string, OptionSpec<unknown>>).map(
      ([option, spec]) =>
        `| \`${option}\` | ${shownDefault(spec)} | ${cell(spec.reason)} | ${cell(spec.source)} |`,
    );
    return [
      `## ${name}`,
      '',
      '| option | default | why | source |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
  });
  return `${heading('Defaults', 'the option tables in src/**/*.options.ts')}
Every option of a policy, what it is when nothing is said, and why. How an option is written is in the doc comments of
its type; a value that does not fit is refused at start-up with the line to write instead.

${parts.join('\n\n')}
`;
}

function shownDefault(spec: OptionSpec<unknown>): string {
  const text = spec.shown ?? JSON.stringify(spec.default) ?? 'none';
  return `\`${cell(text.replaceAll('"', "'"))}\``;
}

function events(): string {
  const written = eventsWrittenByBulwark();
  const rows = Object.entries(EVENT_LEVELS).map(([name, level]) => {
    const event = name as EventName;
    const by = written.has(event) ? 'Bulwark' : 'the application';
    return `| \`${event}\` | ${level} | ${by} | ${cell(EVENT_MEANINGS[event])} |`;
  });
  return `${heading('Events', 'src/audit/audit-event.ts and the code that writes them')}
The audit log is one line of JSON an event; its fields are in [the room's README](../src/audit/README.md). Names follow
the OWASP Logging Vocabulary, and what it puts behind a colon is a field here.

\`critical\`: wake someone. \`warn\`: count, and look when the count moves. \`info\`: keep.

Events of *the application* are written by its handlers, with \`bulwark.of(request).audit(name, details)\`; Bulwark cannot
know them. Lines about refused requests are bounded (\`audit.refusalsPerSecond\`); \`heldBack\` says how many were left
out. A refusal in mode \`observe\` is the same line with \`observed: true\`.

| event | level | written by | when |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

/** When each event is written, or is to be. */
const EVENT_MEANINGS: Readonly<Record<EventName, string>> = {
  authn_login_success:
    'Someone signed in, or proved a second factor or an account at another service: then `factor` says which, and Bulwark wrote it.',
  authn_login_fail:
    'A password, an account, a second factor, an API token or the answer of another service was wrong. Never what was typed; the account by its id, where there is one.',
  authn_login_fail_max:
    'Wrong passwords for one account from many addresses, or for many accounts from one: guessing. Told once an hour.',
  authn_login_lock:
    'So many wrong passwords in a row that new browsers are kept out of the account until its password is reset.',
  authn_password_change: 'A password was changed or reset.',
  authn_password_change_fail: 'A change of password was refused.',
  authn_token_created: 'A credential was made: a second factor, a remembered browser, or one for programs.',
  authn_token_revoked: 'A credential was taken back.',
  authn_token_reuse:
    'A copy of the cookie of a remembered browser, or of a passkey, may be in use: see `factor`.',
  authz_fail:
    'A route rule refused: nobody signed in, the role, the scope or the second factor missing, or the sign-in too old; or a token asked for a token. No rule opens the route (`access.otherwise`). With `action`: a permission refused; `object` is the id that the handler named.',
  authz_change: 'What someone may do was changed.',
  crypt_decrypt_fail:
    'What was sealed does not open: a row was tampered with, or the secret that sealed it is gone.',
  excess_rate_limit_exceeded:
    'A client or an account is over its limit, codes of a second factor included, or a client has too many connections; or a suspect one sent a form without what it was asked for.',
  input_validation_fail:
    'A request is malformed, has two readings, is for a foreign host, is too large, or names its account not exactly once; or it brings a one-time token that was used, is late, or is none: see `purpose`.',
  malicious_cors:
    'A request that changes something came from another site, or without proof that it did not.',
  malicious_direct_reference:
    'Someone named a session, a passkey or a remembered browser of another account.',
  malicious_extraneous: 'A form or credentials came over plain http, or headers past every limit.',
  malicious_method: 'A method that is not served, or a header that overrides the method.',
  malicious_slow_client: 'A request that took too long to arrive, or an answer that nobody takes.',
  privilege_permissions_changed: 'The rights on a thing were changed.',
  session_created: 'A session began: for a visitor once something is stored, or at a sign-in.',
  session_renewed: 'A session went on under a new id with other privileges.',
  session_expired: 'A session was ended: signed out, or revoked. Those that ran out end without an event.',
  session_use_after_expire:
    'A session ended while its request was being answered; the answer was replaced by 401.',
  sensitive_create: 'Something confidential was made.',
  sensitive_delete: 'Something confidential was deleted.',
  sys_startup: 'The layer was made.',
  sys_shutdown: 'The layer was closed.',
  sys_crash: 'A handler or a guard failed, or the application answered with a server error.',
  sys_misconfigured:
    'A control holds less than it could: a proxy that is not named, a server without timeouts, a cookie dropped, a page for one person whose head let caches keep it.',
  sys_service_unavailable:
    'A service outside did not answer, and what it was asked for was done without it or refused.',
  sys_store_recovered: 'A store across a network is back; the line says how long it was gone.',
  sys_store_unavailable:
    'A store failed; what needs it is refused with 503. An outage of a store across a network is one line, not one a request.',
  user_created: 'An account was made.',
  user_updated: 'An account was changed.',
};

/** Events that stand in the source of the package somewhere else than in its two lists of all events. */
function eventsWrittenByBulwark(): ReadonlySet<string> {
  const lists = ['core/events.ts', 'audit/audit-event.ts'];
  const files = globSync('**/*.ts', { cwd: join(ROOT, 'src') }).filter(
    (file) => !file.endsWith('.test.ts') && !lists.includes(file),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(/'([a-z]+(?:_[a-z]+)+)'/g)].map(
      (match) => match[1] ?? '',
    ),
  );
  return new Set(found.filter((name) => Object.hasOwn(EVENT_LEVELS, name)));
}

function heading(title: string, source: string): string {
  return `# ${title}\n\n<!-- Made by \`npm run docs\` from ${source}. Do not edit by hand. -->\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
