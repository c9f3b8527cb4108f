/** How the fields of a record become columns: the same for every engine that speaks SQL. */

/** What a column holds: a text, a number, yes or no, or a list of texts as JSON; `?` where it may be nothing. */
export type ColumnKind = 'text' | 'text?' | 'number' | 'number?' | 'flag' | 'texts';

type KindOf<Value> = undefined extends Value
  ? Exclude<Value, undefined> extends string
    ? 'text?'
    : 'number?'
  : Value extends string
    ? 'text'
    : Value extends number
      ? 'number'
      : Value extends boolean
        ? 'flag'
        : 'texts';

/** The list of nothing, which most sessions have for roles: read without a look. */
export const NO_TEXTS: readonly string[] = Object.freeze([]);

/** The kind of each field of a record. A kind that does not fit its field does not compile. */
export type Fields<Record> = { readonly [Field in keyof Record]-?: KindOf<Record[Field]> };

/** One column of a record. */
export interface Column {
  readonly field: string;
  readonly name: string;
  readonly kind: ColumnKind;
}

/**
 * The columns of a record, in their order.
 *
 * @param prefix - before each name, where two records share a row
 */
export function columnsOf<Record>(fields: Fields<Record>, prefix = ''): readonly Column[] {
  return Object.entries<ColumnKind>(fields as { readonly [field: string]: ColumnKind }).map(
    ([field, kind]) => ({
      field,
      name: prefix + field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      kind,
    }),
  );
}
