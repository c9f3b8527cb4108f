/** What Bulwark needs of a driver. A `Pool` of `pg` fits as it is, and so does anything else of this shape. */
import { BulwarkError } from '../../core/errors.ts';

/** One statement, as `pg` takes it. */
export interface PostgresStatement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Statements with a name are parsed once for each connection. One name belongs to one text. */
  readonly name?: string;
  /** How values are read; `pg`'s own way where it is absent. */
  readonly types?: { getTypeParser(oid: number, format?: string): (value: string) => unknown };
  /** Milliseconds after which `pg` ends a connection that has not answered. */
  readonly query_timeout?: number;
}

/** What came of a statement. */
export interface PostgresResult {
  readonly rows: readonly unknown[];
  /** How many rows were found or changed. */
  readonly rowCount: number | null;
}

/** One connection, checked out of a pool. */
export interface PostgresClient {
  /** Runs one statement on this connection. Rejects with the error of the server, whose `code` is its SQLSTATE. */
  query(statement: PostgresStatement): Promise<PostgresResult>;
  /** Gives it back; an error or `true` ends it instead. */
  release(destroy?: Error | boolean): void;
  /** Hears of a connection that is lost while it is checked out: without a listener that ends the process. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
  /** Ends what `on` began. */
  off?(event: 'error', listener: (error: Error) => void): unknown;
}

/** A pool of connections to one database. */
export interface PostgresPool {
  /** Runs one statement on any connection, and gives that back. */
  query(statement: PostgresStatement): Promise<PostgresResult>;
  /** Checks a connection out, for statements that belong together. */
  connect(): Promise<PostgresClient>;
  /** Hears of a connection that is lost while it lies idle: without a listener that ends the process. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
}

/** PostgreSQL cuts longer names, and two of them may then be one. */
const PLAIN_NAME = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;

/**
 * The name of a schema as it goes into statements.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where it is none that means the same with quotes and without
 */
export function quoteSchema(name: string): string {
  if (PLAIN_NAME.test(name)) return `"${name}"`;
  throw new BulwarkError(
    'ERR_BULWARK_INVALID_OPTION',
    'The schema is named with 1 to 63 characters of a-z, 0-9 and _, no digit first and not pg_. ' +
      "Write one such as schema: 'bulwark'",
  );
}
