/**
 * Fields that a schema does not know: a request that names `role` beside what a form has is an attempt at mass assignment
 * (CWE-915), and most schemas drop such fields without a word, or hand them on.
 */
import { isPlainObject } from '../../core/options.ts';

/** As much of JSON Schema as says which fields there are. */
interface Shape {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly patternProperties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly prefixItems?: unknown;
  readonly $ref?: unknown;
  readonly anyOf?: unknown;
  readonly oneOf?: unknown;
  readonly allOf?: unknown;
}

type Path = readonly PropertyKey[];

/** What says nothing of the fields: each is taken. */
const ANYTHING: Shape = {};
/** References that lead to references, at most. */
const MOST_HOPS = 32;

/**
 * The ways to fields of a value that the schema of its library does not name. Where a shape has several branches, a field is
 * known that one of them names; what is not understood says nothing.
 *
 * @param shape - JSON Schema of what is taken
 */
export function unknownByShape(value: unknown, shape: unknown): readonly Path[] {
  return unknownIn(value, [shape], shape, []);
}

/** @param shapes - all that apply to the value @param root - of the schema, where references begin */
function unknownIn(value: unknown, shapes: readonly unknown[], root: unknown, path: Path): readonly Path[] {
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return [];
  const known = shapes.flatMap((shape) => readingsOf(shape, isList ? 'array' : 'object', root));
  if (known.length === 0 || known.includes(ANYTHING)) return [];
  if (isList) {
    return value.flatMap((entry, index) => {
      const entries = known.flatMap((shape) => entryShapes(shape, index));
      return unknownIn(entry, entries, root, [...path, index]);
    });
  }
  return Object.entries(value).flatMap(([name, entry]) => {
    const fields = known.flatMap((shape) => fieldShapes(shape, name));
    return fields.length === 0 ? [[...path, name]] : unknownIn(entry, fields, root, [...path, name]);
  });
}

/** The parts of a shape that say which fields, or entries, there are: its own, those of its branches, and what it refers to. */
function readingsOf(given: unknown, kind: 'array' | 'object', root: unknown, hops = 0): readonly Shape[] {
  if (!isPlainObject(given) || hops > MOST_HOPS) return [ANYTHING];
  const shape: Shape = given;
  if (!takes(shape, kind)) return [];
  const { $ref, anyOf, oneOf, allOf } = shape;
  const readings = (parts: readonly unknown[]): readonly Shape[] =>
    parts.flatMap((part) => readingsOf(part, kind, root, hops + 1));
  const branches = [
    ...(typeof $ref === 'string' ? readings([referred($ref, root)]) : []),
    ...readings([...listOf(anyOf), ...listOf(oneOf)]),
    // Each holds beside the others: one that names nothing opens nothing.
    ...readings(listOf(allOf)).filter((part) => part !== ANYTHING),
  ];
  const isOwn = kind === 'array' ? namesEntries(shape) : namesFields(shape);
  if (isOwn) return [shape, ...branches];
  const isBranched = [$ref, anyOf, oneOf, allOf].some((part) => part !== undefined);
  return isBranched ? branches : [ANYTHING];
}

function takes({ type }: Shape, kind: 'array' | 'object'): boolean {
  return type === undefined || type === kind || (Array.isArray(type) && type.includes(kind));
}

function namesFields({ properties, patternProperties, additionalProperties }: Shape): boolean {
  return [properties, patternProperties, additionalProperties].some((part) => part !== undefined);
}

function namesEntries({ items, prefixItems }: Shape): boolean {
  return items !== undefined || prefixItems !== undefined;
}

/** What a shape says of a field; none where it does not know it. */
function fieldShapes(
  { properties = {}, patternProperties = {}, additionalProperties = false }: Shape,
  name: string,
): readonly unknown[] {
  if (Object.hasOwn(properties, name)) return [properties[name]];
  const matching = Object.entries(patternProperties).filter(([pattern]) =>
    new RegExp(pattern, 'u').test(name),
  );
  if (matching.length > 0) return matching.map(([, shape]) => shape);
  return additionalProperties === false ? [] : [additionalProperties];
}

function entryShapes({ items = ANYTHING, prefixItems }: Shape, index: number): readonly unknown[] {
  const first = listOf(prefixItems);
  return [index < first.length ? first[index] : items];
}

/** The part of a schema that a reference within it names (RFC 6901). */
function referred($ref: string, root: unknown): unknown {
  if (!$ref.startsWith('#')) return undefined;
  const steps = $ref.slice(1).split('/').slice(1);
  let at = root;
  for (const step of steps) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isPlainObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
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
