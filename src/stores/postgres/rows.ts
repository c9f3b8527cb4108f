import { type Column, columnsOf, type Fields } from '../sql/records.ts';
import type { PostgresResult } from './pool.ts';
import { fromStored, toStored } from './text.ts';

/** A value as it is handed to PostgreSQL. */
export type Value = string | number | boolean | null;

/** A record as PostgreSQL keeps it. */
export interface PostgresRecord<T> {
  readonly columns: string;
  /** A place for each value, from `$1` on. */
  readonly places: string;
  readonly values: (record: T) => Value[];
  readonly records: (found: PostgresResult) => T[];
}

/** A record kind of `sql/records.ts`, for PostgreSQL, which answers with texts. */
export function inPostgres<T>(fields: Fields<T>): PostgresRecord<T> {
  const columns = columnsOf(fields);
  return {
    columns: columns.map(({ name }) => name).join(', '),
    places: columns.map((_, index) => `$${index + 1}`).join(', '),
    values: (record) =>
      columns.map((column) => write(column, (record as Record<string, unknown>)[column.field])),
    records: ({ rows }) =>
      (rows as readonly Record<string, string | null>[]).map((row) => {
        const record: Record<string, unknown> = {};
        for (const column of columns) record[column.field] = read(column, row[column.name] ?? null);
        return record as T;
      }),
  };
}

function write({ kind }: Column, value: unknown): Value {
  if (value === undefined) return null;
  if (kind === 'texts') return toStored(JSON.stringify(value));
  return typeof value === 'string' ? toStored(value) : (value as Value);
}

function read({ kind }: Column, value: string | null): unknown {
  if (value === null) return undefined;
  if (kind === 'texts') return JSON.parse(fromStored(value));
  if (kind === 'flag') return value === 't';
  return kind === 'number' || kind === 'number?' ? Number(value) : fromStored(value);
}
