/** Requests to a provider, for one visitor: one deadline over all of them, bounded answers, no redirects. */
import { errorName } from '../../core/errors.ts';

/** Discovery documents and key sets have a few kilobytes; this is what a provider can make one visitor cost. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** A body is not allowed with these (Fetch Standard, null body status). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** The provider's side of one call. Afterwards it says whether the provider was there at all. */
export class Wire {
  readonly #deadline: AbortSignal;
  readonly #mayAsk: (url: string) => boolean;
  #trouble: string | undefined;

  private constructor(deadline: AbortSignal, mayAsk: (url: string) => boolean) {
    this.#deadline = deadline;
    this.#mayAsk = mayAsk;
  }

  /**
   * @param timeoutMs - for everything that is asked over this wire together
   * @param mayAsk - whether an address may be asked: a provider names them, and could name one inside our network
   */
  static of(timeoutMs: number, mayAsk: (url: string) => boolean): Wire {
    return new Wire(AbortSignal.timeout(timeoutMs), mayAsk);
  }

  /** A wire for what may be missing: within the deadline of this one and sooner, with a trouble of its own. */
  aside(timeoutMs: number): Wire {
    return new Wire(AbortSignal.any([this.#deadline, AbortSignal.timeout(timeoutMs)]), this.#mayAsk);
  }

  /** Why the provider could not be asked, for the log; undefined where it answered, whatever it said. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** `fetch`, as openid-client calls it. */
  readonly fetch = async (url: string, init: object): Promise<Response> => {
    try {
      return await this.#ask(url, init);
    } catch (error) {
      this.#trouble = this.#deadline.aborted ? 'it did not answer in time' : described(error);
      throw error;
    }
  };

  async #ask(url: string, init: object): Promise<Response> {
    if (!this.#mayAsk(url)) throw new Refused('it named an address that is not asked');
    // A redirect would have us send codes and secrets wherever the provider says, past the check above.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: this.#deadline });
    const { status, statusText, headers } = response;
    const body = await readBounded(response);
    if (status >= 500 || status === 429) this.#trouble = `it answered ${status}`;
    return new Response(WITHOUT_BODY.has(status) ? null : body, { status, statusText, headers });
  }
}

class Refused extends Error {}

// Counted after decompression, so that a small answer cannot become a large one.
async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > MAX_ANSWER_BYTES) throw new Refused('its answer has no end');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Codes of Node.js, such as ECONNREFUSED: messages hold addresses. */
function described(error: unknown): string {
  if (error instanceof Refused) return error.message;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `it could not be reached (${errorName(cause)})`;
}
