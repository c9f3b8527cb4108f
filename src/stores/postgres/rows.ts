import { type Column, columnsOf, type Fields, NO_TEXTS } from '../sql/columns.ts';
import type { PostgresResult } from './pool.ts';
import { fromStored, toStored } from './text.ts';

/** A value as it is handed to PostgreSQL. */
export type Value = string | number | boolean | null;

/** A row as PostgreSQL writes it: every value is a text. */
export type Row = Readonly<Record<string, string | null>>;

/** A record as PostgreSQL keeps it. */
export interface PostgresRecord<T> {
  readonly columns: string;
  /** A place for each value, from `$1` on. */
  readonly places: string;
  readonly values: (record: T) => Value[];
  readonly record: (row: Row) => T;
  readonly records: (found: PostgresResult) => T[];
}

/** A record kind of `sql/`, for PostgreSQL, which answers with texts. */
export function inPostgres<T>(fields: Fields<T>, prefix?: string): PostgresRecord<T> {
  const columns = columnsOf(fields, prefix);
  const record = (row: Row): T => {
    const read: Record<string, unknown> = {};
    for (const column of columns) read[column.field] = readValue(column, row[column.name] ?? null);
    return read as T;
  };
  return {
    columns: columns.map(({ name }) => name).join(', '),
    places: columns.map((_, index) => `$${index + 1}`).join(', '),
    values: (record) =>
      columns.map((column) => write(column, (record as Record<string, unknown>)[column.field])),
    record,
    records: ({ rows }) => (rows as readonly Row[]).map(record),
  };
}

function write({ kind }: Column, value: unknown): Value {
  if (value === undefined) return null;
  if (kind === 'texts') return toStored(JSON.stringify(value));
  return typeof value === 'string' ? toStored(value) : (value as Value);
}

function readValue({ kind }: Column, value: string | null): unknown {
  if (value === null) return undefined;
  if (kind === 'texts') return value === '[]' ? NO_TEXTS : JSON.parse(fromStored(value));
  if (kind === 'flag') return value === 't';
  return kind === 'number' || kind === 'number?' ? Number(value) : fromStored(value);
}
