/** What account pages are asked and what they answer, whatever the framework. */
import type { AccountRecord } from '../stores/ports/accounts.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AccountVisit } from '../accounts/context.ts';
import type { Wording } from '../accounts/words/wording.ts';
import type { DevelopmentMail } from '../accounts/mail/development-mail.ts';
import type { Html } from '../ui/html.ts';
import { at } from './own-path.ts';

/** One request to an account page. */
export interface PageRequest {
  readonly visit: AccountVisit;
  /** In the language of whoever asks. */
  readonly words: Wording;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The fields of a form that was posted; none where something else was. */
  readonly form: URLSearchParams;
  /** What was posted as JSON. */
  readonly json: unknown;
  readonly csrfToken: string;
  readonly nonce: string;
  /** The form that was sent before the sender proved anew who they are; its id is in the address. Given once. */
  takeHeldRequest(id: string | undefined): Promise<HeldForm | undefined>;
  /** Lines of `Set-Cookie` that go with the answer so far. */
  readonly cookies: readonly string[];
  /** Has the answer bring lines that another one brought. False, and none: the session in them is over by now. */
  repeatCookies(lines: readonly string[]): Promise<boolean>;
}

/** A form to be sent again by its sender. */
export interface HeldForm {
  readonly target: string;
  readonly fields: readonly (readonly [string, string])[];
}

/** A page, before it is laid out. */
export interface PageBody {
  readonly title: string;
  readonly body: Html;
}

/** What is answered. */
export type PageAnswer =
  | ({
      readonly kind: 'page';
      readonly status: number;
      readonly retryAfterMs?: number;
      /** An address of another site that the browser goes on to by itself. */
      readonly onTo?: string;
    } & PageBody)
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  /** A file of JSON to be kept by whoever asked, and by nobody on the way. */
  | { readonly kind: 'download'; readonly name: string; readonly body: string }
  | { readonly kind: 'script'; readonly body: string }
  | { readonly kind: 'none' };

/** What handlers work with. */
export interface PageContext {
  readonly accounts: Accounts;
  /** Where to go after signing in, if nothing else was asked for. */
  readonly home: string;
  /** What stands before the paths of all these pages: empty, or such as `/-`. */
  readonly base: string;
  /** What shows mails, where none are sent. */
  readonly mailbox?: DevelopmentMail | undefined;
}

/** Answers one request. */
export type PageHandler = (context: PageContext, request: PageRequest) => Promise<PageAnswer> | PageAnswer;

/** Answers a request of somebody who is signed in. */
export type OwnHandler = (
  context: PageContext,
  request: PageRequest,
  own: AccountRecord,
) => Promise<PageAnswer> | PageAnswer;

/** Has a handler called for people who are signed in only, whatever the policy says of the route. */
export function signedIn(handler: OwnHandler): PageHandler {
  return async (context, request) => {
    const own = await context.accounts.current(request.visit);
    if (own === undefined) return redirect(at('/login'));
    return await handler(context, request, own);
  };
}

/** A page. */
export function page(title: string, body: Html, status = 200): PageAnswer {
  return { kind: 'page', status, title, body };
}

/** The same page for whoever tried too often: 429, and when to come back (RFC 6585 4). */
export function tooMany(answer: PageAnswer, retryAfterMs: number): PageAnswer {
  return answer.kind === 'page' ? { ...answer, status: 429, retryAfterMs } : answer;
}

/** Another page, by GET. */
export function redirect(to: string): PageAnswer {
  return { kind: 'redirect', to };
}

/** An answer for the script of passkeys. */
export function json(body: unknown, status = 200): PageAnswer {
  return { kind: 'json', status, body };
}

/** A field of a form, exactly once. */
export function formField(request: PageRequest, name: string): string {
  const values = request.form.getAll(name);
  return values.length === 1 ? (values[0] ?? '') : '';
}
