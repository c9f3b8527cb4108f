/**
 * Fields that a schema does not know: a request that names `role` beside what a form has is an attempt at mass assignment
 * (CWE-915), and most schemas drop such fields without a word.
 */
import { isPlainObject } from '../../core/options.ts';

/** As much of JSON Schema as says which fields there are. */
interface Shape {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly patternProperties?: object;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly prefixItems?: unknown;
  readonly $ref?: unknown;
  readonly anyOf?: unknown;
  readonly oneOf?: unknown;
  readonly allOf?: unknown;
}

type Path = readonly PropertyKey[];

/**
 * The ways to fields of a value that the schema of its library does not name. Where a shape has several branches, or none that
 * is understood, its own validation has the word.
 *
 * @param shape - JSON Schema of what is taken
 */
export function unknownByShape(value: unknown, shape: unknown, path: Path = []): readonly Path[] {
  if (!isPlainObject(shape) || isElsewhere(shape)) return [];
  const { properties, items, additionalProperties } = shape as Shape;
  if (Array.isArray(value)) {
    if (items === undefined) return [];
    return value.flatMap((entry, index) => unknownByShape(entry, items, [...path, index]));
  }
  if (!isPlainObject(value) || properties === undefined) return [];
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  return Object.entries(value).flatMap(([name, entry]) => {
    const here = [...path, name];
    if (Object.hasOwn(properties, name)) return unknownByShape(entry, properties[name], here);
    return isOpen ? [] : [here];
  });
}

/** Whether what there may be is said in branches, or in another place. */
function isElsewhere({ patternProperties, $ref, anyOf, oneOf, allOf, prefixItems }: Shape): boolean {
  return [$ref, anyOf, oneOf, allOf, patternProperties, prefixItems].some((part) => part !== undefined);
}

/** The same by what a schema made of a value: what it dropped, it does not know. */
export function unknownByOutput(value: unknown, output: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) {
    if (!Array.isArray(output) || output.length !== value.length) return [];
    return value.flatMap((entry, index) => unknownByOutput(entry, output[index], [...path, index]));
  }
  if (!isPlainObject(value) || !isPlainObject(output)) return [];
  return Object.entries(value).flatMap(([name, entry]) => {
    const here = [...path, name];
    return Object.hasOwn(output, name) ? unknownByOutput(entry, output[name], here) : [here];
  });
}
