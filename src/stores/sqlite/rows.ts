import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { type Column, columnsOf, type Fields, NO_TEXTS } from '../sql/columns.ts';
import type { Row } from './open.ts';

/** A record as SQLite keeps it. */
export interface SqliteRecord<T> {
  readonly columns: string;
  /** A place for each value. */
  readonly places: string;
  readonly values: (record: T) => SQLInputValue[];
  readonly record: (row: Row) => T;
}

/** A record kind of `sql/`, for SQLite. The types of the columns are promised by STRICT. */
export function inSqlite<T>(fields: Fields<T>, prefix?: string): SqliteRecord<T> {
  const columns = columnsOf(fields, prefix);
  return {
    columns: columns.map(({ name }) => name).join(', '),
    places: columns.map(() => '?').join(', '),
    values: (record) =>
      columns.map((column) => write(column, (record as Record<string, unknown>)[column.field])),
    record: (row) => {
      const record: Record<string, unknown> = {};
      for (const column of columns) record[column.field] = read(column, row[column.name] ?? null);
      return record as T;
    },
  };
}

function write({ kind }: Column, value: unknown): SQLInputValue {
  if (kind === 'texts') return JSON.stringify(value);
  if (kind === 'flag') return Number(value);
  return (value ?? null) as SQLInputValue;
}

function read({ kind }: Column, value: SQLOutputValue): unknown {
  if (kind === 'texts') return value === '[]' ? NO_TEXTS : JSON.parse(value as string);
  if (kind === 'flag') return value === 1;
  return value ?? undefined;
}
