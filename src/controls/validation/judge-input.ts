/** One part of a request against its schema. */
import { type InputFault, type InputPlace, pointerTo } from '../../core/input-fault.ts';
import { unknownByOutput, unknownByShape } from './known-fields.ts';
import type { SchemaIssue, StandardSchema } from './standard-schema.ts';

/** A value that its schema takes, or all that is wrong with it. */
export type JudgedInput =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

/** A schema that was looked at once. */
export interface InputSchema {
  readonly schema: StandardSchema;
  /** As JSON Schema, where its library can say it. */
  readonly shape: object | undefined;
}

/** Looks at a schema: at the start, since its library may take a while to write it down. */
export function readSchema(schema: StandardSchema): InputSchema {
  try {
    return { schema, shape: schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) };
  } catch {
    // What has no JSON Schema, such as a transform, is judged by what it makes of a value.
    return { schema, shape: undefined };
  }
}

/** Bounds what is said of one request, whatever it holds. */
const MOST_FAULTS = 100;

/** Judges a value. */
export async function judgeInput(
  place: InputPlace,
  { schema, shape }: InputSchema,
  value: unknown,
): Promise<JudgedInput> {
  const result = await schema['~standard'].validate(value);
  const unknown =
    shape !== undefined
      ? unknownByShape(value, shape)
      : result.issues === undefined
        ? unknownByOutput(value, result.value)
        : [];
  const faults: InputFault[] = [
    ...(result.issues ?? []).map((issue) => faultOf(place, issue, value)),
    ...unknown.map((path) => ({ in: place, pointer: pointerTo(path), detail: UNKNOWN })),
  ].slice(0, MOST_FAULTS);
  if (faults.length > 0 || result.issues !== undefined) return { ok: false, faults };
  return { ok: true, value: result.value };
}

const UNKNOWN = 'There is no field of this name.';
const NOT_TAKEN = 'This is not taken here.';
const LONGEST = 200;

function faultOf(place: InputPlace, { message, path = [] }: SchemaIssue, value: unknown): InputFault {
  const steps = path.map((step) => (typeof step === 'object' ? step.key : step));
  const detail = saysValue(message, valueAt(value, steps)) ? NOT_TAKEN : message.slice(0, LONGEST);
  return { in: place, pointer: pointerTo(steps), detail };
}

/** What stands there, or what the way ends at: that of a library leads on into what it made of a text. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return at;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return at;
}

/** Some libraries say what they were given. That may be a password, and goes into logs of whoever asked. */
function saysValue(message: string, value: unknown): boolean {
  if (typeof value === 'string') return saysText(message.toLowerCase(), value);
  if (typeof value === 'number' || typeof value === 'bigint') return message.includes(String(value));
  // What stands in objects and lists has no place of its own in the fault.
  if (typeof value === 'object' && value !== null)
    return Object.values(value).some((one) => saysValue(message, one));
  return false;
}

/** Also where a schema had trimmed or folded it before it found fault with it. */
function saysText(message: string, value: string): boolean {
  const text = value.trim().toLowerCase();
  return text !== '' && (message.includes(text) || message.includes(JSON.stringify(text).slice(1, -1)));
}
