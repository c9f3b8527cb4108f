import type { ProblemType } from '../../core/verdict.ts';

/** What heads the answer to each kind of refusal, for people. Stable, as RFC 9457 3.1.4 asks of a title. */
export const PROBLEM_TITLES: Readonly<Record<ProblemType, string>> = {
  'bad-request': 'The request could not be understood',
  'host-not-allowed': 'This address is not served here',
  'method-not-allowed': 'This cannot be done here',
  'https-required': 'A secure connection is needed',
  'too-many-requests': 'Too many requests',
  'cross-site-request': 'The request came from another site',
  'sign-in-required': 'Please sign in',
  'invalid-token': 'This token does not work',
  'session-over': 'Your session has ended',
  'not-allowed': 'You are not allowed to do this',
  'stronger-sign-in-required': 'Please confirm that it is you',
  'body-too-large': 'That is too large',
  'body-not-supported': 'This kind of content is not accepted',
  'request-timeout': 'The request took too long',
  'headers-too-large': 'The request is too large',
  'expectation-failed': 'The request expects what is not offered',
  'not-found': 'Page not found',
  gone: 'This page is gone',
  conflict: 'This has changed in the meantime',
  redirect: 'This page is elsewhere',
  unavailable: 'Unavailable for the moment',
  'internal-error': 'Something went wrong',
};

/** The kind of problem that a status of an application stands for. Those without a kind of their own share one. */
export function problemTypeOf(status: number): ProblemType {
  if (status >= 502 && status <= 504) return 'unavailable';
  if (status >= 500) return 'internal-error';
  return CLIENT_ERRORS.get(status) ?? 'bad-request';
}

const CLIENT_ERRORS: ReadonlyMap<number, ProblemType> = new Map([
  [401, 'sign-in-required'],
  [403, 'not-allowed'],
  [404, 'not-found'],
  [405, 'method-not-allowed'],
  [408, 'request-timeout'],
  [409, 'conflict'],
  [410, 'gone'],
  [413, 'body-too-large'],
  [415, 'body-not-supported'],
  [417, 'expectation-failed'],
  [429, 'too-many-requests'],
  [431, 'headers-too-large'],
]);
