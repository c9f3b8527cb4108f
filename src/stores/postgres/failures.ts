/** What the errors of a driver mean: the database is gone, it took too long, two statements met, or it said no. */
import { BulwarkError } from '../../core/errors.ts';

/** What Node.js says of a connection that is not made or does not last. */
const SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  // The file of a socket on this machine: removed with the server.
  'ENOENT',
]);

/**
 * What PostgreSQL says of itself (appendix A of its manual): connection exceptions, shutting down or starting up, no
 * place left, nobody is let in under this name, no such database. And a server that only reads (25006): a standby, or
 * the primary that was, to which a failover has left the connection.
 */
const OUTAGE_STATES = /^(?:08...|28...|57P0[1-5]|53300|3D000|25006)$/;

/** What `pg` says in words alone, the same each time. */
const OUTAGE_WORDS =
  /^(?:Connection terminated|timeout expired|Client (?:has encountered a connection error|was closed)|Cannot use a pool)/;

/** Cancelled by `statement_timeout` or an operator; not given a lock within `lock_timeout`. */
const TOO_LATE_STATES = /^(?:57014|55P03)$/;

/** No answer within `query_timeout`, as where a row is locked; no free place in the pool. Others may do well meanwhile. */
const TOO_LATE_WORDS = /^(?:Query read timeout|timeout exceeded when trying to connect)/;

/** Two statements that changed one row at once: serialization failure, deadlock. Carried out again, each succeeds. */
const COLLISION_STATES = /^(?:40001|40P01)$/;

/** A unique index had the value already: unique_violation. */
const DUPLICATE_STATE = '23505';

/** Whether an error is that of the connection, and says nothing of the statement. */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== '') return SOCKET_CODES.has(code) || OUTAGE_STATES.test(code) || OUTAGE_WORDS.test(code);
  return error instanceof Error && OUTAGE_WORDS.test(error.message);
}

/** An outage that says in words alone what it is, with them as its code: a log tells codes, and no other words of a driver. */
export function withCode(error: unknown): unknown {
  if (!(error instanceof Error) || codeOf(error) !== '' || !isOutage(error)) return error;
  return Object.assign(new Error(error.message, { cause: error }), { code: error.message });
}

/** Whether the statement was given up because it took too long. */
export function isTooLate(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== '') return TOO_LATE_STATES.test(code);
  return error instanceof Error && TOO_LATE_WORDS.test(error.message);
}

/** Whether the statement was undone because it met another one, and may be repeated. */
export function isCollision(error: unknown): boolean {
  return COLLISION_STATES.test(codeOf(error));
}

/** Whether a statement was refused because what it wrote is there already: the driver's error, or ours around it. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error instanceof BulwarkError ? error.cause : error) === DUPLICATE_STATE;
}

/** An error at start-up with a code of ours. It is for whoever starts the program, so PostgreSQL's own words are in it. */
export function startError(error: unknown): BulwarkError {
  if (error instanceof BulwarkError) return error;
  const code = codeOf(error);
  if (isOutage(error)) {
    const named = code === '' ? '' : ` (${code})`;
    return new BulwarkError('ERR_BULWARK_STORE_DOWN', `PostgreSQL is not reachable${named}.`, {
      cause: error,
    });
  }
  const said = error instanceof Error ? error.message : 'an unknown error';
  return new BulwarkError('ERR_BULWARK_STORE', `The PostgreSQL store failed: ${said}`, { cause: error });
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
