/**
 * Proof of work: a form is taken only with an answer that cost its sender some computing. What a challenge says is signed,
 * so nothing is stored until it is answered; then its id is counted, once.
 */
import { WORK_CALLS } from './proof-of-work.calls.ts';
import { hash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { KeyRing } from '../../core/key-ring.ts';
import { randomId } from '../../core/random.ts';
import { tendMethods } from '../../core/tended.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { PROOF_OF_WORK_KEYS } from './proof-of-work.keys.ts';
import type { ChallengeSettings } from './proof-of-work.options.ts';

/** What a challenge is bound to. */
export interface WorkSubject {
  /** The form it is for, such as `sign-in`: letters, digits, dashes. */
  readonly form: string;
  /** What limits count the client by. */
  readonly client: string;
  /** How often more was asked of this client already, from 0: each doubles the work, eight at most. */
  readonly level?: number;
}

/** What the page gives to `proof-of-work.browser.js`. */
export interface WorkChallenge {
  readonly challenge: string;
  readonly bits: number;
  readonly puzzles: number;
}

/**
 * Why an answer was not taken. `malformed`: no challenge or no answer by its looks. `forged`: not signed by this key ring.
 * `form`, `client`: it was made for another. `too-easy`: more is asked of this client by now. `wrong`: the work was not
 * done. `used`: it was taken before.
 */
export type WorkRefusal =
  | 'malformed'
  | 'forged'
  | 'expired'
  | 'form'
  | 'client'
  | 'too-easy'
  | 'wrong'
  | 'used';

/** Whether an answer is taken. */
export type WorkVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: WorkRefusal };

/** What is needed of a policy. */
export interface ProofOfWorkPolicy {
  readonly keys: KeyRing;
  readonly state: { readonly counters: CounterStore };
  readonly challenge: WorkSettings;
}

/** What of the policy's `challenge` is about the work itself. */
export type WorkSettings = Pick<ChallengeSettings, 'bits' | 'lifetime'>;

/** The file of the script that does the work in the browser: serve it from your own origin, with the page's nonce. */
export const proofOfWorkScriptFile: string = fileURLToPath(
  new URL('./proof-of-work.browser.js', import.meta.url),
);

/** Many small puzzles rather than one: the time then varies by a sixth, where that of one is as often thrice as long. */
export const PUZZLES = 32;
const MOST_LEVELS = 8;
const ID_BYTES = 16;
const TAG_BYTES = 16;
const NONCE_BYTES = 4;
const PROOF = new RegExp(`^[\\w-]{${Math.ceil((PUZZLES * NONCE_BYTES * 8) / 6)}}$`);
const CHALLENGE = /^1\.([a-z\d-]{1,32})\.([1-9]\d?)\.([1-9]\d{0,15})\.([\w-]{22})\.([\w-]{22})\.([\w-]{22})$/;
const SEED_BYTES = 32;

/** Makes challenges and takes answers. */
export class ProofOfWork {
  readonly #keys: KeyRing;
  readonly #counters: CounterStore;
  readonly #settings: WorkSettings;
  readonly #clock: () => number;

  private constructor({ keys, state, challenge }: ProofOfWorkPolicy, clock: () => number) {
    this.#keys = keys;
    this.#counters = state.counters;
    this.#settings = challenge;
    this.#clock = clock;
  }

  /**
   * By the keys, the counters and the section `challenge` of a policy that was loaded.
   *
   * @param clock - milliseconds since 1970
   */
  static of(policy: ProofOfWorkPolicy, clock: () => number = Date.now): ProofOfWork {
    WORK_CALLS.of(policy, clock);
    return new ProofOfWork(policy, clock);
  }

  /** A challenge, for one form and one client. Nothing is stored. */
  issue(subject: WorkSubject): WorkChallenge {
    WORK_CALLS.issue(subject);
    const bits = this.#bitsFor(subject);
    const id = randomId(ID_BYTES);
    const client = this.#sign(clientMessage(id, subject.client));
    const said = `1.${subject.form}.${bits}.${this.#clock() + this.#settings.lifetime}.${id}.${client}`;
    return { challenge: `${said}.${this.#sign(said)}`, bits, puzzles: PUZZLES };
  }

  /**
   * Takes an answer, once: of two at once exactly one. What costs least is looked at first, and the store is asked only
   * for work that was done.
   *
   * @param challenge - as the form brought it back
   * @param proof - what the browser found
   * @throws what the store throws where it is gone: no answer is taken then, as it could be the second time
   */
  async take(subject: WorkSubject, challenge: string, proof: string): Promise<WorkVerdict> {
    WORK_CALLS.take(subject, challenge, proof);
    const read = parseChallenge(challenge);
    if (read === undefined || !PROOF.test(proof)) return refused('malformed');
    const now = this.#clock();
    if (!this.#verifies(read.said, read.tag)) return refused('forged');
    if (read.expiresAt <= now) return refused('expired');
    if (read.form !== subject.form) return refused('form');
    if (!this.#verifies(clientMessage(read.id, subject.client), read.client)) return refused('client');
    if (read.bits < this.#bitsFor(subject)) return refused('too-easy');
    if (!isSolved(challenge, read.bits, Buffer.from(proof, 'base64url'))) return refused('wrong');
    // Twice the lifetime: the clocks of two processes need not agree.
    const once = { count: 1, windowMs: 2 * this.#settings.lifetime };
    const taken = await this.#counters.take(`proof-of-work/${read.id}`, once, now);
    return taken.allowed ? { ok: true } : refused('used');
  }

  #bitsFor({ level = 0 }: WorkSubject): number {
    return this.#settings.bits + Math.min(Math.max(0, Math.floor(level)), MOST_LEVELS);
  }

  #sign(message: string): string {
    return this.#keys.sign(PROOF_OF_WORK_KEYS.challenge, message).toString('base64url', 0, TAG_BYTES);
  }

  #verifies(message: string, tag: string): boolean {
    return this.#keys.verify(PROOF_OF_WORK_KEYS.challenge, message, Buffer.from(tag, 'base64url'));
  }

  static {
    tendMethods(ProofOfWork);
  }
}

interface ReadChallenge {
  readonly form: string;
  readonly bits: number;
  readonly expiresAt: number;
  readonly id: string;
  readonly client: string;
  readonly tag: string;
  /** What the tag signs. */
  readonly said: string;
}

function parseChallenge(challenge: string): ReadChallenge | undefined {
  const parts = CHALLENGE.exec(challenge);
  if (parts === null) return undefined;
  const [, form = '', bits = '', expiresAt = '', id = '', client = '', tag = ''] = parts;
  const said = challenge.slice(0, challenge.length - tag.length - 1);
  return { form, bits: Number(bits), expiresAt: Number(expiresAt), id, client, tag, said };
}

/** Bound to one challenge: two of one client cannot be told to be. No form is named with a slash. */
function clientMessage(id: string, client: string): string {
  return `client/${id}/${client}`;
}

function isSolved(challenge: string, bits: number, nonces: Buffer): boolean {
  const message = Buffer.alloc(SEED_BYTES + 2 * NONCE_BYTES);
  hash('sha256', challenge, 'buffer').copy(message);
  for (let puzzle = 0; puzzle < PUZZLES; puzzle += 1) {
    message.writeUInt32BE(puzzle, SEED_BYTES);
    nonces.copy(message, SEED_BYTES + NONCE_BYTES, puzzle * NONCE_BYTES, (puzzle + 1) * NONCE_BYTES);
    if (Math.clz32(hash('sha256', message, 'buffer').readUInt32BE()) < bits) return false;
  }
  return true;
}

function refused(reason: WorkRefusal): WorkVerdict {
  return { ok: false, reason };
}
