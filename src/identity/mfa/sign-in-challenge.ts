/**
 * The challenge of a sign-in with a passkey. A sign-in page asks for one by itself, for whoever looks at it: so it costs
 * no session, no cookie and no row, and only a passkey that was proved by it leaves one, which says that it is spent.
 */
import { randomBytes } from '../../core/random.ts';
import type { MfaContext } from './context.ts';
import { MFA_KEYS } from './mfa.keys.ts';

const RANDOM_BYTES = 24;
const TIME_BYTES = 6;
const TAG_BYTES = 18;
const BODY_BYTES = RANDOM_BYTES + TIME_BYTES;
const PURPOSE = MFA_KEYS.passkeyChallenge;
/** A challenge is known as spent for twice its life: the clocks of two processes need not agree. */
const LIVES_COUNTED = 2;

/** Makes challenges that are ours to recognise, and takes each once. */
export class SignInChallenges {
  readonly #context: Pick<MfaContext, 'keys' | 'counters' | 'settings' | 'clock'>;

  constructor(context: Pick<MfaContext, 'keys' | 'counters' | 'settings' | 'clock'>) {
    this.#context = context;
  }

  /** 192 random bits, when it ends, and a tag over both. Base64url. */
  issue(): string {
    const { keys, settings, clock } = this.#context;
    const body = Buffer.alloc(BODY_BYTES);
    randomBytes(RANDOM_BYTES).copy(body);
    body.writeUIntBE(clock() + settings.challengeFor, RANDOM_BYTES, TIME_BYTES);
    const tag = keys.sign(PURPOSE, body.toString('base64url')).subarray(0, TAG_BYTES);
    return Buffer.concat([body, tag]).toString('base64url');
  }

  /** Whether a challenge was made here, and is not too old. Asks no store. */
  isLive(challenge: string): boolean {
    const bytes = Buffer.from(challenge, 'base64url');
    // Characters that base64url does not have are passed over when it is read: a second spelling would be spent apart.
    if (bytes.byteLength !== BODY_BYTES + TAG_BYTES || bytes.toString('base64url') !== challenge)
      return false;
    const body = bytes.subarray(0, BODY_BYTES);
    if (!this.#context.keys.verify(PURPOSE, body.toString('base64url'), bytes.subarray(BODY_BYTES)))
      return false;
    const { settings, clock } = this.#context;
    const leftMs = body.readUIntBE(RANDOM_BYTES, TIME_BYTES) - clock();
    // One with more than two lives left was made before a clock was set back, and may have been spent then.
    return leftMs > 0 && leftMs <= LIVES_COUNTED * settings.challengeFor;
  }

  /** Spends a challenge. Of two simultaneous calls, in whatever process, exactly one gets true. */
  async spend(challenge: string): Promise<boolean> {
    const { counters, settings, clock } = this.#context;
    const once = { count: 1, windowMs: LIVES_COUNTED * settings.challengeFor };
    return (await counters.take(`mfa/passkey/${challenge}`, once, clock())).allowed;
  }
}
