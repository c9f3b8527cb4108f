/** Errors that Bulwark throws, each with a stable code and a help entry in docs/errors.md. */

/**
 * Every code Bulwark can show, with the one-line meaning that heads its entry in `docs/errors.md`.
 * Codes are never reused for another meaning.
 */
export const ERROR_CODES = {
  ERR_BULWARK_POLICY: 'The policy was refused at start-up; `problems` lists every reason.',
  ERR_BULWARK_UNKNOWN_OPTION: 'The policy names an option that does not exist.',
  ERR_BULWARK_INVALID_OPTION: 'An option has a value outside what it accepts.',
  ERR_BULWARK_INVALID_ARGUMENT: 'A call was handed something that it does not take.',
  ERR_BULWARK_UNSAFE_OPTION: 'An option has a value that would open what the control closes.',
  ERR_BULWARK_SECRET_MISSING: 'No secret was found where the policy looks for it.',
  ERR_BULWARK_SECRET_WEAK: 'A secret is short, guessable or a placeholder.',
  ERR_BULWARK_SECRET_ENDING: 'The secret in use ends soon, or has ended.',
  ERR_BULWARK_SECRETS_ASYNC: 'The secrets come from an asynchronous provider and were not awaited.',
  ERR_BULWARK_ORIGIN_MISSING: 'No public origin is named, so that only this machine is answered.',
  ERR_BULWARK_SECURITY_TXT_ENDS: 'security.txt ends soon, or has ended.',
  ERR_BULWARK_ORIGIN_INSECURE: 'The public origin is not https.',
  ERR_BULWARK_STATE_NOT_SHARED: 'More than one process runs on a store that only one of them can see.',
  ERR_BULWARK_INSECURE_PARSER: 'Node.js was told to accept malformed HTTP.',
  ERR_BULWARK_NODE_VERSION: 'This Node.js release gets no security fixes.',
  ERR_BULWARK_POLICY_FILE: 'The policy file could not be loaded.',
  ERR_BULWARK_NOT_PROTECTED: 'The request did not come through the layer.',
  ERR_BULWARK_REQUEST_OVER: 'The request that was asked for has its answer already.',
  ERR_BULWARK_BUILDING: 'A layer that was made while the application is built was asked to serve.',
  ERR_BULWARK_WEB_UNSEEN: 'Requests come as objects of the web, of which the layer cannot see all.',
  ERR_BULWARK_SECOND_LAYER: 'A request came to a second layer, whose policy would not be asked.',
  ERR_BULWARK_SERVER_NOT_HARDENED: 'The server was made without the timeouts and caps of the policy.',
  ERR_BULWARK_FRAMEWORK:
    'A full-stack framework answers beside its pages, and the policy does not speak of it.',
  ERR_BULWARK_STAY_UNBOUND:
    'Sessions are bound to their device, and the cookie that begins another one is not.',
  ERR_BULWARK_METHOD_CHANGED: 'The application changed the method of a request after its rules were asked.',
  ERR_BULWARK_PATH_CHANGED: 'The application changed the path of a request after its rules were asked.',
  ERR_BULWARK_SERVER_OPTION: 'The framework was told to make a server that the layer does not make.',
  ERR_BULWARK_BODY_READ: 'A body parser stands before the layer, which cannot see what was sent.',
  ERR_BULWARK_BODY_TAKEN: 'A guard took the body of a request, and another one wants it too.',
  ERR_BULWARK_ANSWER_REPLACED: 'The layer has answered in place of a handler that is still at work.',
  ERR_BULWARK_CLIENT_GONE:
    'The client went away before its request body was whole, or before it had its answer.',
  ERR_BULWARK_PROXY_NOT_TRUSTED: 'A proxy forwards requests, but the policy does not name it.',
  ERR_BULWARK_FORBIDDEN: 'The client may not do this; the answer is 403.',
  ERR_BULWARK_SESSION_OVER: 'The session ended while the request was being handled.',
  ERR_BULWARK_SESSIONS_FULL: 'The account has as many sessions as it may; nobody was signed in.',
  ERR_BULWARK_HEAD_SENT: 'The response head had left before a cookie could be added to it.',
  ERR_BULWARK_STORE: 'A store failed or answered with something it must not.',
  ERR_BULWARK_STORE_DOWN: 'A store across a network is gone, or did not answer in time.',
  ERR_BULWARK_STORE_EVICTS: 'A store makes room by forgetting what it was told to keep.',
  ERR_BULWARK_BODY_TOO_LARGE: 'The request body grew past the limit of the policy.',
  ERR_BULWARK_BODY_REFUSED: 'A guard refused the request body on its way to the handler.',
  ERR_BULWARK_OUTBOUND_REFUSED: 'An address that was to be asked leads where the policy lets nothing go.',
  ERR_BULWARK_OUTBOUND_LIMIT: 'An address that was asked took too long, sent too much, or led on too often.',
  ERR_BULWARK_OUTBOUND_FAILED: 'An address that was asked gave no answer.',
  ERR_BULWARK_FILE_DAMAGED: 'The bytes of a file are not those that were stored.',
  ERR_BULWARK_INPUT: 'A request does not fit the schema of its route; the answer is 400, 413, 415 or 422.',
  ERR_BULWARK_PACKAGE_MISSING: 'An optional package that this needs is not installed.',
  ERR_BULWARK_QUEUE_FULL: 'A queue is full, of password hashes or of mails; the caller should answer 503.',
  ERR_BULWARK_HASH_LIBRARY: 'An optional library for password hashes is missing, or does not work here.',
  ERR_BULWARK_HASH_LIST: 'A list of breached passwords is not in the form that is read.',
  ERR_BULWARK_FILTER_FILE: 'A filter of breached passwords cannot be read, or is damaged.',
  ERR_BULWARK_IMPORT_FILE: 'A table of users is not in the form that is read.',
  ERR_BULWARK_RANGE_SERVICE: 'The service that knows breached passwords did not answer.',
  ERR_BULWARK_AUDIT_FILE: 'The file of the audit log, or its key, cannot be opened, read or written.',
  ERR_BULWARK_CERTIFICATE: 'A certificate, or its key, cannot be read, or they are no pair.',
} as const;

/** A stable, documented error code. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The base of everything Bulwark throws on purpose. Messages name the field and the fix, never a secret value. */
export class BulwarkError extends Error {
  override readonly name: string = 'BulwarkError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** When to ask again, where a store is gone. */
export const RETRY_AFTER_SECONDS = '5';

/** A store across a network is gone, or was too late. Code `ERR_BULWARK_STORE_DOWN`. */
export class StoreDownError extends BulwarkError {
  override readonly name = 'StoreDownError';
  /** What frameworks answer with where a handler lets it pass: come back later. */
  readonly status = 503;
  readonly statusCode = 503;
  readonly headers: Readonly<Record<string, string>> = { 'Retry-After': RETRY_AFTER_SECONDS };
  /** Whether it is part of an outage that the log has been told of. A single late answer is not. */
  readonly told: boolean;

  constructor(message: string, told: boolean, options?: ErrorOptions) {
    super('ERR_BULWARK_STORE_DOWN', message, options);
    this.told = told;
  }
}

/** An error by its code or class. Its message may hold a connection string, and that a password. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** One thing wrong with a policy: what, why it matters, and the line to write instead. */
export interface PolicyProblem {
  readonly code: ErrorCode;
  /** Where in the policy, such as `session.idle`. */
  readonly option: string;
  /** What is wrong and why it matters. Never the value of a secret. */
  readonly reason: string;
  /** The line to write. */
  readonly fix: string;
}

/** Thrown once at start-up with every problem of the policy, so that one restart fixes them all. */
export class PolicyError extends BulwarkError {
  override readonly name = 'PolicyError';
  /** Told by the message already: whoever prints the error has each of them once. */
  readonly problems!: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super('ERR_BULWARK_POLICY', `The policy has ${count}:\n${problems.map(describeProblem).join('\n')}`);
    Object.defineProperty(this, 'problems', { value: problems, enumerable: false });
  }
}

/** One problem as the lines a person reads in a terminal. */
export function describeProblem(problem: PolicyProblem): string {
  return `  ${problem.option}: ${problem.reason}\n    fix: ${problem.fix}\n    ${problem.code}, see docs/errors.md of the package`;
}
