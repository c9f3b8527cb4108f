/**
 * What a refusal is, for programs and for people (RFC 9457). The core has those that no single control owns: what the
 * statuses of HTTP stand for, which several rooms answer with, and which errors of an application become. A control's own
 * are in its `*.events.ts`; `policy/controls.ts` collects them all.
 */

/** One type of problem. A refusal has all of it, so that nothing is looked up while one is answered. */
export interface ProblemType {
  /** A word that never changes: the last part of the problem's type. */
  readonly type: string;
  /** What heads the answer, for people. Stable, as RFC 9457 3.1.4 asks of a title. */
  readonly title: string;
  /** What it is answered with where its refusal does not say another one. */
  readonly status: number;
}

/** The general ones, by what they mean. */
export const PROBLEMS = {
  badRequest: { type: 'bad-request', title: 'The request could not be understood', status: 400 },
  signInRequired: { type: 'sign-in-required', title: 'Please sign in', status: 401 },
  /** Of the sessions room, and of every handler that writes to a session. */
  sessionOver: { type: 'session-over', title: 'Your session has ended', status: 401 },
  notAllowed: { type: 'not-allowed', title: 'You are not allowed to do this', status: 403 },
  notFound: { type: 'not-found', title: 'Page not found', status: 404 },
  methodNotAllowed: { type: 'method-not-allowed', title: 'This cannot be done here', status: 405 },
  requestTimeout: { type: 'request-timeout', title: 'The request took too long', status: 408 },
  conflict: { type: 'conflict', title: 'This has changed in the meantime', status: 409 },
  gone: { type: 'gone', title: 'This page is gone', status: 410 },
  bodyTooLarge: { type: 'body-too-large', title: 'That is too large', status: 413 },
  bodyNotSupported: {
    type: 'body-not-supported',
    title: 'This kind of content is not accepted',
    status: 415,
  },
  expectationFailed: {
    type: 'expectation-failed',
    title: 'The request expects what is not offered',
    status: 417,
  },
  tooManyRequests: { type: 'too-many-requests', title: 'Too many requests', status: 429 },
  headersTooLarge: { type: 'headers-too-large', title: 'The request is too large', status: 431 },
  redirect: { type: 'redirect', title: 'This page is elsewhere', status: 303 },
  internalError: { type: 'internal-error', title: 'Something went wrong', status: 500 },
  unavailable: { type: 'unavailable', title: 'Unavailable for the moment', status: 503 },
} as const;
