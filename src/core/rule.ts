/** The rules of the checker: a rule asks, looks at answers, and ends with an outcome. */
import type { Answer, Probe } from './answer.ts';
import type { Handshake, HandshakeOffer } from './handshake.ts';

/** How bad it is: somebody can be harmed now, a defence is missing, or a hint. */
export type Level = 'error' | 'warning' | 'note';

/** Where it is: a request, or a place in a file. */
export interface Where {
  readonly url?: string;
  readonly method?: string;
  /** From the root of the source tree, with `/` between. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** One step on the way of a value from where it comes in to where it harms. */
export interface FlowStep extends Where {
  readonly message: string;
}

/** How sure it is: seen to happen, seen in what stands there, or likely. */
export type Confidence = 'high' | 'medium' | 'low';

/** Something that fell short, as a rule says it. */
export interface Fault {
  readonly level: Level;
  /** One sentence that is true of what was seen, and of no more. */
  readonly message: string;
  /** The request and its answer, as far as they matter. Never the value of a cookie or token. */
  readonly evidence: string;
  /** The line to write, or the change to make. */
  readonly fix: string;
  /** Default: the request that the evidence begins with, else the address under test. */
  readonly where?: Where;
  /** Default: high. */
  readonly confidence?: Confidence;
  /**
   * What the finding is known by from one run to the next, such as the text of the line it is in: never its number.
   * Default: the message.
   */
  readonly mark?: string;
  /** The way of a value, its source first. */
  readonly flow?: readonly FlowStep[];
}

/** How a rule ended. A rule that could not see has not passed. */
export type Outcome =
  | { readonly outcome: 'held'; readonly evidence: string }
  | { readonly outcome: 'fell-short'; readonly faults: readonly [Fault, ...Fault[]] }
  | { readonly outcome: 'not-seen'; readonly why: string };

/**
 * The thing that a rule cannot do without: an HTML page, any answer, the operator's word that the host is theirs (the
 * requests look like attacks, or may change something there), an account, an account on such a host, https, or the source.
 */
export type Need = 'page' | 'site' | 'own-host' | 'account' | 'own-account' | 'tls' | 'source';

/** What is known of a rule without running it. */
export interface RuleFacts {
  /** Its room, a dot, and what it is about. Never used again for anything else. */
  readonly id: string;
  /** One line of the go-live checklist: what is so where the rule holds. */
  readonly title: string;
  /** The worst that it can find. */
  readonly level: Level;
  /** The section of docs/manual/go-live.md. */
  readonly guide: number;
  /** Requirements of OWASP ASVS 5.0.0 that it speaks to; `(in part)` where it sees less than they ask. */
  readonly asvs: readonly AsvsId[];
  /** Weaknesses of the CWE catalogue that a finding is one of. */
  readonly cwe: readonly CweId[];
  readonly needs: Need;
  /** What an attacker does with it, in one or two sentences. Default: what its first CWE says (check/weaknesses.ts). */
  readonly why?: string;
  /** How it is mended, as code. Default: what there is for its room or its weakness (check/mends/). */
  readonly mend?: Mend;
  /** The address of its page. Default: that in docs/checks/; empty where there is none. */
  readonly help?: string;
  /** What brought it, as it was named to the check; ours have none. */
  readonly package?: string;
}

/** Code that mends it, by where it is written. An empty text: there is nothing to write there. */
export interface Mend {
  /** Lines of a policy, or a module where it begins with an import. */
  readonly bulwark?: string;
  readonly express?: string;
  readonly flask?: string;
  readonly nginx?: string;
  readonly docker?: string;
  /** Commands, and files of other tools. */
  readonly shell?: string;
}

/** One test of a running application. */
export interface Rule extends RuleFacts {
  /** The rule uses up something that other rules need, such as a rate limit: it runs alone, after all others. */
  readonly alone?: true;
  readonly run: (context: RuleContext) => Outcome | Promise<Outcome>;
}

/** Such as `v5.0.0-3.4.1`, or `v5.0.0-3.4.1 (in part)`. */
export type AsvsId = `v5.0.0-${number}.${number}.${number}${'' | ' (in part)'}`;

/** Such as `CWE-79`. */
export type CweId = `CWE-${number}`;

/** What is known of the site before any rule runs. */
export interface SiteFacts {
  /** Without a path: `https://example.com`. */
  readonly origin: string;
  /** As in a Host line. */
  readonly host: string;
  readonly hostname: string;
  /** Path and query of the address under test. */
  readonly target: string;
  readonly secure: boolean;
  /** `localhost` and its like: browsers take it for secure without TLS. */
  readonly loopback: boolean;
  /** The same site over plain http, where its address was given or is the one under test. */
  readonly plain: string | undefined;
  /** How many requests in a row a rule about limits may send; 0 for none. */
  readonly burst: number;
}

/** A visitor with a cookie jar of its own. */
export interface Visitor {
  /** Names and values. */
  readonly cookies: ReadonlyMap<string, string>;
  /** Everything it was answered. */
  readonly answers: readonly Answer[];
  /** Sends with the cookies it holds, and keeps those it is given. */
  readonly ask: (probe?: Probe) => Promise<Answer>;
}

/** Pages of a site, and what else its links led to. */
export interface Pages {
  /** HTML with status 200, the page under test first. */
  readonly pages: readonly Answer[];
  readonly others: readonly Answer[];
}

/** What a rule can do. Every call may end it with {@link NotSeen}, which the runner takes for its outcome. */
export interface RuleContext {
  readonly site: SiteFacts;
  /** Sends one request, as nobody in particular. */
  readonly ask: (probe: Probe) => Promise<Answer>;
  /** The same for GET, HEAD and OPTIONS that change nothing: sent once a run, whichever rules ask. */
  readonly askOnce: (probe?: Probe) => Promise<Answer>;
  /** The page under test: where the address leads within the site, as HTML with status 200. */
  readonly page: () => Promise<Answer>;
  /** The answers that any visitor gets: the address under test, where it leads, the same again with its cookies, an unknown path. */
  readonly ordinary: () => Promise<readonly Answer[]>;
  /** What a short walk by links finds, as nobody in particular; once a run. */
  readonly crawl: () => Promise<Pages>;
  /** One TLS handshake with the address under test. */
  readonly handshake: (offer: HandshakeOffer) => Promise<Handshake>;
  /** Notes what a rule has changed there, for the end of the report. */
  readonly changed: (what: string) => void;
  /** Somebody new; with cookies, where somebody put them there. */
  readonly visit: (cookies?: ReadonlyMap<string, string>) => Visitor;
  /** Whether an account was handed over. */
  readonly hasAccount: boolean;
  /** Somebody who is signed in; once a run. */
  readonly signedIn: () => Promise<Visitor>;
  /** The same walk as theirs; once a run. */
  readonly crawlSignedIn: () => Promise<Pages>;
  /** How the profile of the account is used. */
  readonly account: () => AccountWays;
}

/** What came of a sign-in. */
export interface SignInTry {
  /** The last answer. 429 is one too. */
  readonly answer: Answer;
  /** The cookies that the visitor had before the form was sent, names and values. */
  readonly before: ReadonlyMap<string, string>;
  /** From the form that was sent to its answer. */
  readonly milliseconds: number;
}

/** What can be done by the profile of an account. */
export interface AccountWays {
  readonly name: string;
  /** Sends the form of the sign-in, with this name or password in the place of the profile's. */
  readonly signIn: (
    visitor: Visitor,
    other?: { readonly name?: string; readonly password?: string },
  ) => Promise<SignInTry>;
  readonly isSignedIn: (visitor: Visitor) => Promise<boolean>;
  readonly signOut: ((visitor: Visitor) => Promise<Answer>) | undefined;
  /** The form for a forgotten password, and that to register, sent with this name. */
  readonly reset: ((visitor: Visitor, name: string) => Promise<Answer>) | undefined;
  readonly register: ((visitor: Visitor, name: string) => Promise<Answer>) | undefined;
  /** Gives the password of an account with a second factor, and no more: whoever has that is not signed in yet. */
  readonly passwordAlone: ((visitor: Visitor, password?: string) => Promise<SignInTry>) | undefined;
  /** Signs the second account in. */
  readonly signInOther: ((visitor: Visitor) => Promise<SignInTry>) | undefined;
  /** Signs in with the box ticked by which one stays signed in. */
  readonly stay?: ((visitor: Visitor) => Promise<SignInTry>) | undefined;
  /** How many sessions the account may have at once. */
  readonly mostSessions?: number | undefined;
  readonly api?: ApiWays | undefined;
}

/** A token that is bound to a key, and where it is asked for. */
export interface ApiWays {
  /** A path that answers GET to nobody without a token. */
  readonly url: string;
  readonly token: string;
  /** The private key, as the text of a JWK. */
  readonly key: string;
}

/** A path that nobody serves. */
export const UNKNOWN_PATH = '/bulwark-check-no-such-page';

/** Thrown where a rule cannot see: its outcome, and no pass. */
export class NotSeen extends Error {}

/** The connection ended, or nothing came in time. */
export class NoAnswer extends NotSeen {}

/** There is no server at all at an address. */
export class NothingListens extends NoAnswer {}

/** The outcome of a rule that holds. */
export function held(evidence: string): Outcome {
  return { outcome: 'held', evidence };
}

/** Fell short where there are faults, else held. */
export function judged(faults: readonly Fault[], evidence: string): Outcome {
  const [first, ...rest] = faults;
  return first === undefined ? held(evidence) : { outcome: 'fell-short', faults: [first, ...rest] };
}

/** The outcome of a rule with one fault. */
export function fellShort(level: Level, message: string, evidence: string, fix: string): Outcome {
  return { outcome: 'fell-short', faults: [fault(level, message, evidence, fix)] };
}

/** A fault in one line. */
export function fault(
  level: Level,
  message: string,
  evidence: string,
  fix: string,
  more: Pick<Fault, 'where' | 'confidence' | 'mark'> = {},
): Fault {
  return { level, message, evidence, fix, ...more };
}

/** The outcome of a rule that saw nothing to decide by. */
export function notSeen(why: string): Outcome {
  return { outcome: 'not-seen', why };
}
