/** What a policy says of accounts and of what they stand on, where sections depend on each other. */
import { checkAccounts, checkDeletion, checkStay } from '../accounts/accounts.options.ts';
import { ACCOUNT_RULES } from '../accounts/pages/pages.ts';
import { checkLanguages } from '../accounts/words/own-words.ts';
import { refusalWordsOf } from '../accounts/words/refusal-words.ts';
import type { AccessSettings } from '../controls/access/access.options.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { isPlainObject } from '../core/options.ts';
import type { OriginParts } from '../core/origin.ts';
import type { Problems } from '../core/problems.ts';
import { checkMfa } from '../identity/mfa/mfa.options.ts';
import { checkProviders, readProviders } from '../identity/oidc/oidc.options.ts';
import type { PasswordsSettings } from '../identity/passwords/passwords.options.ts';
import type { State } from '../stores/ports/state.ts';
import type { Policy, PolicyOptions } from './policy.ts';
import type { PolicySections } from './controls.ts';

/** What is there of accounts. */
export type IdentitySettings = Pick<Policy, 'accounts' | 'accountPages' | 'providers' | 'refusalWords'>;

/** Whether a section says that it is not there. */
export function isLeftOut(name: keyof PolicySections, given: unknown): boolean {
  if (name === 'accountPages') return given === false;
  // `true` is one with every default.
  return name === 'console' && typeof given === 'boolean';
}

/** Reads what is no section of its own, and checks what sections ask of each other. */
export function readIdentity(
  options: PolicyOptions,
  sections: PolicySections,
  { origin, state }: { readonly origin: OriginParts | undefined; readonly state: State | undefined },
  problems: Problems,
): IdentitySettings {
  const { session, mfa, challenge } = sections;
  const accounts = options.accounts === undefined ? undefined : sections.accounts;
  const hasPages = accounts !== undefined && options.accountPages !== false;
  const providers = readProviders(options.providers, problems);
  checkMfa(mfa, origin?.hostname ?? 'localhost', problems);
  checkProviders(providers, { hasOrigin: origin !== undefined, sameSite: session.sameSite }, problems);
  if (isPlainObject(options.accounts)) checkAccounts(options.accounts, state, problems);
  if (accounts !== undefined) checkDeletion(accounts, problems);
  if (accounts !== undefined) checkStay(accounts.staySignedIn, session, problems);
  if (accounts !== undefined) checkLanguages(accounts.language, accounts.words, problems);
  if (accounts === undefined) {
    const wants = [
      isPlainObject(options.accountPages) && 'accountPages',
      challenge.when !== 'off' && 'challenge.when',
    ];
    for (const option of wants) if (option !== false) refuseWithoutAccounts(option, problems);
  }
  const accountPages = hasPages ? sections.accountPages : undefined;
  return {
    accounts,
    accountPages,
    providers: withPaths(providers, accountPages?.base ?? ''),
    refusalWords: accounts === undefined ? undefined : refusalWordsOf(accounts),
  };
}

/** The page to sign in on, and the one to do so anew: those of the account pages, where the policy names no others. */
export function withAccountPages(access: AccessSettings, pages: Policy['accountPages']): AccessSettings {
  if (pages === undefined) return access;
  const { base } = pages;
  const { signIn = `${base}/login`, stepUp = `${base}/login/again` } = access;
  return { ...access, signIn, stepUp };
}

/** The routes of a policy with those of the account pages. A line of the application's own has the place of ours. */
export function withAccountRules(routes: unknown, pages: Policy['accountPages']): unknown {
  if (pages === undefined || (routes !== undefined && !isPlainObject(routes))) return routes;
  const rules = Object.entries(ACCOUNT_RULES).map(([key, rule]) => [under(pages.base, key), rule] as const);
  return { ...Object.fromEntries(rules), ...routes };
}

/** The pepper of passwords, once the secrets of the policy are read. */
export function withPepper(passwords: PasswordsSettings, keys: KeyRing): PasswordsSettings {
  return passwords.pepper === true ? { ...passwords, pepper: keys } : passwords;
}

/** Where providers send people back to, where the policy does not say it. */
function withPaths(providers: Policy['providers'], base: string): Policy['providers'] {
  const entries = Object.entries(providers);
  return Object.fromEntries(
    entries.map(([name, one]) => [name, { ...one, path: one.path ?? `${base}/login/with/${name}/callback` }]),
  );
}

/** A pattern of ours below the base; what others look for at an address of their choice stays there. */
function under(base: string, pattern: string): string {
  return pattern.startsWith('/.well-known/') ? pattern : pattern.replace('/', `${base}/`);
}

function refuseWithoutAccounts(option: string, problems: Problems): void {
  const reason = 'it is about accounts, and the policy declares none.';
  const fix = "accounts: { mail: smtp(transporter, 'App <no-reply@example.com>') }";
  problems.refuse('ERR_BULWARK_INVALID_OPTION', option, reason, fix);
}
