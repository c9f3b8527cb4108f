/** Statements that are parsed once for each connection, and answers that no setting of the application reads otherwise. */
import { createHash } from 'node:crypto';
import type { PostgresStatement } from './pool.ts';

/** Fills a statement with its values. */
export type Prepared = (...values: readonly unknown[]) => PostgresStatement;

/** Makes a {@link Prepared} of a text, in which `@` stands for the schema. */
export type Prepare = (text: string) => Prepared;

/** Values as PostgreSQL writes them: an application may have told `pg` to read numbers as BigInt, in all its pools. */
export const AS_TEXT: NonNullable<PostgresStatement['types']> = { getTypeParser: () => (text) => text };

/**
 * How the statements of a store are prepared.
 *
 * @param schema - in quotes
 * @param named - false: parsed each time, for poolers in between that keep no prepared statements
 */
export function preparer(schema: string, named: boolean): Prepare {
  return (sketch) => {
    const text = sketch.replaceAll('@', schema);
    // Named by the text, schema and all: two stores on one pool, or two releases, never take one name for two statements.
    const name = `bulwark_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
    return named
      ? (...values) => ({ name, text, values, types: AS_TEXT })
      : (...values) => ({ text, values, types: AS_TEXT });
  };
}
