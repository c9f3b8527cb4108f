/** One table with rows that end. */
export interface Swept {
  readonly table: string;
  readonly key: string;
  /** The column with its end, in milliseconds since 1970. */
  readonly end: string;
}

/**
 * The statement that deletes what is past its end at `$1`, of one table after the other, at most `$2` rows of all of them, and
 * says how many. Rows that someone else holds are left for the next time: a sweep waits for nobody.
 */
export function sweepOf(tables: readonly Swept[]): string {
  const counts = tables.map((_, index) => `(SELECT count(*) FROM swept${index})`);
  const deletions = tables.map(({ table, key, end }, index) => {
    const left = ['$2::bigint', ...counts.slice(0, index)].join(' - ');
    return `swept${index} AS
         (DELETE FROM @.${table} WHERE ${key} IN
            (SELECT ${key} FROM @.${table} WHERE ${end} <= $1 LIMIT ${left} FOR UPDATE SKIP LOCKED)
          RETURNING 1)`;
  });
  return `WITH ${deletions.join(',\n       ')} SELECT ${counts.join(' + ')} AS swept`;
}
