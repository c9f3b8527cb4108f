/** Calls with something that they do not take, in the place of each parameter. */
import assert from 'node:assert/strict';

/** A function or method of whatever kind. */
export type Call = (...given: unknown[]) => unknown;

/** Good arguments by the name of what is called. {@link ANY}: it takes anything, which is read by itself. */
export type Calls = Readonly<Record<string, readonly unknown[]>>;

export const ANY: unique symbol = Symbol('anything');
/** No text, number, object or function. */
const NOTHING = Symbol('nothing that is taken');
const CODES = [
  'ERR_BULWARK_INVALID_ARGUMENT',
  'ERR_BULWARK_INVALID_OPTION',
  'ERR_BULWARK_NOT_PROTECTED',
  'ERR_BULWARK_POLICY',
];

/** Sees that every method of an object is listed, and refuses what it does not take. */
export async function refusesEach(name: string, object: object, calls: Calls): Promise<void> {
  const own = methodsOf(object).filter((method) => !(method in EXEMPT));
  const listed = Object.keys(calls).filter((method) => calls[method] !== undefined);
  assert.deepEqual(
    own.sort(),
    listed
      .filter((method) => typeof (object as Readonly<Record<string, unknown>>)[method] === 'function')
      .sort(),
    `methods of ${name}`,
  );
  for (const [method, good] of Object.entries(calls)) {
    const call = (object as Readonly<Record<string, Call>>)[method];
    if (typeof call === 'function') await refuses(`${name}.${method}`, call.bind(object), good);
  }
}

const EXEMPT: Readonly<Record<string, boolean>> = {
  constructor: true,
  length: true,
  name: true,
  prototype: true,
};

function methodsOf(object: object): string[] {
  const owner = typeof object === 'function' || Object.getPrototypeOf(object) === Object.prototype;
  const holder = owner ? object : (Object.getPrototypeOf(object) as object);
  return Object.entries(Object.getOwnPropertyDescriptors(holder)).flatMap(([name, { value }]) =>
    typeof value === 'function' ? [name] : [],
  );
}

/** Sees that a call refuses what it does not take, in the place of each of its good arguments. */
export async function refuses(name: string, call: Call, good: readonly unknown[]): Promise<void> {
  for (const [at, one] of good.entries()) {
    if (one === ANY) continue;
    const given = good.map((argument) => (argument === ANY ? undefined : argument)).with(at, NOTHING);
    let error: unknown;
    try {
      await call(...given);
    } catch (thrown) {
      error = thrown;
    }
    const code = (error as { readonly code?: string } | undefined)?.code;
    assert.ok(code !== undefined && CODES.includes(code), `${name}, parameter ${at + 1}: ${String(error)}`);
  }
}
