/** Who a program acts for: the token of a request, looked up before anything else asks who is there. */
import { errorName, StoreDownError } from '../../core/errors.ts';
import { type DetailsOf, type EventKind, eventOf } from '../../core/events.ts';
import {
  CREDENTIAL,
  type Credential,
  type Exchange,
  header,
  type RequestFacts,
} from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { HeaderKey } from '../../core/header-line.ts';
import { type MaybePromise, whenBoth, whenReady } from '../../core/maybe-promise.ts';
import { CORE_EVENTS, type Refusal, unavailable, type Verdict } from '../../core/verdict.ts';
import type { AccountRecord, AccountStore, ApiTokenRecord } from '../../stores/ports/accounts.ts';
import { type PendingDeletion, pendingDeletion } from '../../stores/pending-deletion.ts';
import { refuseToken } from './token-refusal.ts';
import { hashToken, isToken, looksLikeOurs } from './token-text.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { Dpop, Scheme } from './dpop.ts';
import { API_TOKEN_EVENTS } from './api-tokens.events.ts';

/** Writes an event, bounded: programs with a wrong token come back every second. */
export type TokenAudit = <Kind extends EventKind>(
  kind: Kind,
  details: DetailsOf<Kind>,
  exchange: Exchange,
) => void;

/** The last use is kept to the minute: a call writes nothing. */
const NOTE_EVERY_MS = 60_000;

/**
 * Whether a request comes with a token of Bulwark, or with a text that looks like one. Tokens of other schemes and issuers
 * are the application's to judge, and give nothing here.
 */
export function claimsToken(request: RequestFacts, prefix: string): boolean {
  if (request.headers.authorization === undefined) return false;
  if (looksLikeOurs(header(request, 'authorization') ?? '', prefix)) return true;
  // Node.js keeps the first of several lines.
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (isAuthorization(rawHeaders[index]) && looksLikeOurs(rawHeaders[index + 1] ?? '', prefix)) return true;
  }
  return false;
}

/**
 * The guard. Runs before `session`, which it keeps from looking at cookies, and refuses tokens on every route that does
 * not name a scope; always, since no token should open what its owner did not allow it.
 *
 * @param ownersLeave - whether an account may wait for its removal (`accounts.deleteAfter`): one that waits opens nothing
 */
export function tokenGuard(
  prefix: string,
  accounts: AccountStore,
  audit: TokenAudit,
  dpop: Dpop,
  ownersLeave: boolean,
): Guard {
  const look = (exchange: Exchange, { scheme, token }: Claim): MaybePromise<Verdict> => {
    const proof = scheme === 'DPoP' ? dpop.read(exchange.request) : undefined;
    if (proof !== undefined && 'status' in proof) return proof;
    return whenReady(accounts.apiTokens.find(hashToken(token), exchange.now), (record) =>
      record === undefined
        ? refuseToken('unknown, expired or revoked', dpop.schemeFor(exchange.request))
        : whenReady(
            dpop.judge(exchange, record, proof),
            (refusal) => refusal ?? admit(exchange, record, scheme),
          ),
    );
  };
  const admit = (exchange: Exchange, record: ApiTokenRecord, scheme: Scheme): MaybePromise<Verdict> => {
    const pending = ownersLeave ? pendingDeletion(accounts, record.account, exchange.now) : undefined;
    return whenBoth(accounts.find(record.account), pending, (account, deletion) => {
      const whose = { id: record.id, account: record.account };
      if (account === undefined) return refuseToken('the account is gone', scheme, whose);
      const shut = shutReason(account, deletion);
      if (shut !== undefined) return refuseToken(shut, scheme, whose);
      const credential = factsOf(record, account.roles);
      exchange.set(CREDENTIAL, credential);
      const verdict = judge(exchange, credential, scheme);
      return whenReady(noteUse(exchange, record), () => verdict);
    });
  };
  const noteUse = (exchange: Exchange, { id, usedAt }: ApiTokenRecord): MaybePromise<void> => {
    const { now, client } = exchange;
    if (usedAt !== undefined && now - usedAt < NOTE_EVERY_MS) return undefined;
    // The token was good: a use that could not be noted is told, and no reason to refuse.
    const told = (error: unknown): void => tell(audit, exchange, error);
    return attempt(() => accounts.apiTokens.noteUse(id, client.address, now, NOTE_EVERY_MS), told);
  };
  return {
    name: 'token',
    mode: 'enforce',
    derives: true,
    onRequest(exchange) {
      const { request } = exchange;
      if (request.headers.authorization === undefined || !claimsToken(request, prefix)) return undefined;
      // Whatever the answer, it is for this program alone.
      exchange.sessionRead = true;
      const claim = readToken(request, prefix);
      if (claim === undefined) return refuseToken('malformed', dpop.schemeFor(request));
      return attempt<Verdict>(() => look(exchange, claim), tokensUnavailable);
    },
    // It opens what its owner allows: an upstream that keeps or logs it could do the same. Other schemes are its own.
    onForward({ request }, head) {
      if (claimsToken(request, prefix)) head.removeAll(OURS);
    },
  };
}

/** What goes no further than here. */
const OURS: ReadonlySet<HeaderKey> = new Set<HeaderKey>(['authorization', 'dpop']);

/** A token as it came. */
interface Claim {
  readonly scheme: Scheme;
  readonly token: string;
}

/** The token in the header, whole and alone. Nowhere else: addresses are in logs and histories (RFC 6750 2.3 and 5.3). */
function readToken(request: RequestFacts, prefix: string): Claim | undefined {
  if (countLines(request) !== 1) return undefined;
  const [, said = '', token = ''] = CLAIM.exec(header(request, 'authorization') ?? '') ?? [];
  if (!isToken(token, prefix)) return undefined;
  return { scheme: said.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}

const CLAIM = /^(bearer|dpop) +(\S+)$/i;

/** Counts `Authorization` lines: Node.js keeps the first of several, and a proxy may have judged another. */
function countLines({ rawHeaders }: RequestFacts): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (isAuthorization(rawHeaders[index])) count += 1;
  return count;
}

function isAuthorization(name: string | undefined): boolean {
  return name?.length === 13 && name.toLowerCase() === 'authorization';
}

/** Why an account that is there opens nothing at the moment. Its tokens stay: it may come back. */
function shutReason(account: AccountRecord, deletion: PendingDeletion | undefined): string | undefined {
  if (account.disabledAt !== undefined) return 'the account is disabled';
  return deletion === undefined ? undefined : 'the account is to be removed';
}

function factsOf({ id, account, scopes }: ApiTokenRecord, roles: readonly string[]): Credential {
  // Nobody signed in and nobody proved a factor: no rule that asks for either is met, in the policy or in a handler.
  return { id, principal: { account, roles, signedInAt: 0, mfaAt: undefined, via: 'token', scopes } };
}

/** What the route's rule says to a token. Roles are judged by `access`, as those of anyone. */
function judge({ rules, pathHasOneReading }: Exchange, { principal }: Credential, scheme: Scheme): Verdict {
  const rule = typeof rules.require === 'object' ? rules.require : {};
  if (rule.scopes === undefined || !pathHasOneReading) {
    return outOfScope(scheme, 'This address takes no tokens.', 'a route with a scope');
  }
  if (rule.mfa === true || rule.freshMs !== undefined) {
    return outOfScope(scheme, 'A token cannot do this: it takes someone who signs in.', 'a sign-in');
  }
  const scope = rule.scopes.find((one) => !principal.scopes.includes(one));
  if (scope === undefined) return undefined;
  // RFC 6750 3: all that is needed, not only what is missing.
  return outOfScope(scheme, `This needs a token with the scope ${scope}.`, { scope }, rule.scopes.join(' '));
}

/** RFC 6750 3.1, `insufficient_scope`. */
function outOfScope(scheme: Scheme, detail: string, needs: unknown, scope?: string): Refusal {
  const needed = scope === undefined ? '' : `, scope="${scope}"`;
  return {
    ...PROBLEMS.notAllowed,
    detail,
    event: eventOf(API_TOKEN_EVENTS.outOfScope, { needs }),
    headers: [['WWW-Authenticate', `${scheme} error="insufficient_scope"${needed}`]],
  };
}

function tokensUnavailable(error: unknown): Refusal {
  return unavailable('Tokens cannot be looked up at the moment. Try again in a few seconds.', error);
}

function tell(audit: TokenAudit, exchange: Exchange, error: unknown): void {
  if (error instanceof StoreDownError && error.told) return;
  audit(CORE_EVENTS.storeUnavailable, { during: 'noting a use', error: errorName(error) }, exchange);
}

/** Asks a store, at once or later, and answers for it where it fails. */
function attempt<T>(ask: () => MaybePromise<T>, failed: (error: unknown) => T): MaybePromise<T> {
  try {
    const answer = ask();
    return answer instanceof Promise ? answer.catch(failed) : answer;
  } catch (error) {
    return failed(error);
  }
}
