/**
 * argon2 by `@node-rs/argon2` where the application has installed it, twice as fast, else by node:crypto. Both compute
 * off the event loop, which serves others meanwhile: in threads that give way to it where there are such, else in
 * Node's pool.
 */
import { argon2, argon2Sync } from 'node:crypto';
import { inThreads } from './hash-threads.ts';
import { loadOptional, type OptionalLibrary } from './optional.ts';
import type { Argon2Cost } from './phc-string.ts';

/** What computes argon2 faster than node:crypto, and its version of 2012 too. */
export const ARGON2_LIBRARY: OptionalLibrary = '@node-rs/argon2';

/** Data-independent, data-dependent, or half and half. */
export type Argon2Variant = 'argon2d' | 'argon2i' | 'argon2id';

/** One computation. */
export interface Argon2Request extends Argon2Cost {
  readonly variant: Argon2Variant;
  /** 19 is version 1.3, the one of RFC 9106; 16 is version 1.0, of old. */
  readonly version: 16 | 19;
  readonly message: Buffer;
  readonly salt: Buffer;
  /** The pepper. */
  readonly secret: Buffer | undefined;
  readonly tagLength: number;
}

/** Something that computes argon2. */
export interface Argon2Engine {
  readonly name: 'node:crypto' | '@node-rs/argon2';
  readonly versions: readonly number[];
  derive(request: Argon2Request): Promise<Buffer>;
  /** In the thread that asks: for threads that do nothing else. */
  deriveHere(request: Argon2Request): Buffer;
}

interface NativeOptions {
  readonly algorithm: number;
  readonly version: number;
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
  readonly outputLen: number;
  readonly salt: Uint8Array;
  readonly secret?: Uint8Array;
}

interface NativeLibrary {
  readonly hashRaw: (password: Uint8Array, options: NativeOptions) => Promise<Buffer>;
  readonly hashRawSync: (password: Uint8Array, options: NativeOptions) => Buffer;
}

/** The engine that every Node.js has. */
export const NODE_ENGINE: Argon2Engine = {
  name: 'node:crypto',
  versions: [19],
  derive: (request) =>
    new Promise((resolve, reject) => {
      argon2(request.variant, nodeParameters(request), (error, tag) => {
        if (error === null) resolve(tag);
        else reject(error);
      });
    }),
  deriveHere: (request) => argon2Sync(request.variant, nodeParameters(request)),
};

let fastest: Argon2Engine | undefined;
let chosen: Argon2Engine | undefined;

/** The engine of this process. */
export function argon2Engine(): Argon2Engine {
  chosen ??= inThreads(fastestEngine());
  return chosen;
}

/** The faster of the engines that are here. */
export function fastestEngine(): Argon2Engine {
  fastest ??= nativeEngine(loadOptional(ARGON2_LIBRARY) as NativeLibrary | undefined) ?? NODE_ENGINE;
  return fastest;
}

/** The faster engine, if it is there and computes what node:crypto computes. */
export function nativeEngine(library: NativeLibrary | undefined): Argon2Engine | undefined {
  if (library === undefined) return undefined;
  // A library that computes anything else would make hashes that nothing else can verify, and lock everyone out.
  const expected = argon2Sync(PROBE.variant, nodeParameters(PROBE));
  if (!library.hashRawSync(PROBE.message, nativeOptions(PROBE)).equals(expected)) {
    process.emitWarning(
      `${ARGON2_LIBRARY} computes another argon2id than Node.js and is not used: reinstall it, or remove it`,
      { code: 'ERR_BULWARK_HASH_LIBRARY' },
    );
    return undefined;
  }
  return {
    name: '@node-rs/argon2',
    versions: [16, 19],
    derive: (request) => library.hashRaw(request.message, nativeOptions(request)),
    deriveHere: (request) => library.hashRawSync(request.message, nativeOptions(request)),
  };
}

/** As cheap as argon2 gets. */
const PROBE: Argon2Request = {
  variant: 'argon2id',
  version: 19,
  message: Buffer.from('probe'),
  salt: Buffer.alloc(16, 1),
  secret: Buffer.alloc(32, 2),
  tagLength: 32,
  memory: 16,
  passes: 1,
  parallelism: 2,
};

const VARIANTS: readonly Argon2Variant[] = ['argon2d', 'argon2i', 'argon2id'];

type NodeParameters = Parameters<typeof argon2>[1];

function nodeParameters(request: Argon2Request): NodeParameters {
  const { message, salt, secret, tagLength, memory, passes, parallelism } = request;
  const parameters = { message, nonce: salt, tagLength, memory, passes, parallelism };
  return secret === undefined ? parameters : { ...parameters, secret };
}

function nativeOptions(request: Argon2Request): NativeOptions {
  const { variant, version, salt, secret, tagLength, memory, passes, parallelism } = request;
  const options = {
    algorithm: VARIANTS.indexOf(variant),
    version: version === 19 ? 1 : 0,
    memoryCost: memory,
    timeCost: passes,
    parallelism,
    outputLen: tagLength,
    salt,
  };
  return secret === undefined ? options : { ...options, secret };
}
