/** One step of the schema, in the words of each engine that speaks SQL. */
export interface Migration {
  readonly sqlite: string;
  readonly postgres: string;
}
