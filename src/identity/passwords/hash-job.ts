/** What goes to a thread that hashes and what comes back: bytes of their own, and nothing else of this process. */
import type { Argon2Engine, Argon2Request } from './argon2.ts';

/** A request whose message, salt and pepper lie in one piece of memory, in this order. */
export interface HashJob extends Omit<Argon2Request, 'message' | 'salt' | 'secret'> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly messageLength: number;
  readonly saltLength: number;
  readonly hasSecret: boolean;
}

/** The tag, or what the engine said: a machine without memory, mostly. */
export type HashDone =
  | { readonly tag: Uint8Array<ArrayBuffer> }
  | { readonly error: string; readonly code?: string | undefined };

/** What a thread says first. */
export interface HashReady {
  /** Its engine: what it computes has to be what the rest of this process computes. */
  readonly engine: string;
}

/**
 * A request as it is sent. Its bytes are copied: a small buffer is a part of Node's pool, and what is sent is the whole memory
 * that a buffer lies in, with what others have there.
 */
export function packJob({ message, salt, secret, ...rest }: Argon2Request): HashJob {
  const bytes = new Uint8Array(message.length + salt.length + (secret?.length ?? 0));
  bytes.set(message);
  bytes.set(salt, message.length);
  if (secret !== undefined) bytes.set(secret, message.length + salt.length);
  return {
    ...rest,
    bytes,
    messageLength: message.length,
    saltLength: salt.length,
    hasSecret: secret !== undefined,
  };
}

/** What a thread answers. Password and pepper are wiped from what it was sent, whatever came of it. */
export function answerJob(engine: Argon2Engine, job: HashJob): HashDone {
  try {
    return { tag: Uint8Array.from(engine.deriveHere(requestOf(job))) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { error: message, code };
  } finally {
    job.bytes.fill(0);
  }
}

/** The request over the bytes that were sent, and no copy of them. */
function requestOf({ bytes, messageLength, saltLength, hasSecret, ...rest }: HashJob): Argon2Request {
  const all = Buffer.from(bytes.buffer);
  const saltEnd = messageLength + saltLength;
  return {
    ...rest,
    message: all.subarray(0, messageLength),
    salt: all.subarray(messageLength, saltEnd),
    secret: hasSecret ? all.subarray(saltEnd) : undefined,
  };
}
