import { type Body, type DeclaredBody, declaredBody, type PieceJudge } from '../core/body.ts';
import type { RequestFacts } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { Verdict } from '../core/verdict.ts';

/** A body that is there already, whatever its head says of it. */
export class HeldBody implements Body {
  readonly declared: DeclaredBody;
  readonly begun = false;
  readonly #bytes: Buffer;

  constructor({ headers }: Pick<RequestFacts, 'headers'>, bytes: Buffer = Buffer.alloc(0)) {
    this.declared = declaredBody(headers);
    this.#bytes = bytes;
  }

  peek(limit: number): Promise<Buffer | undefined> {
    const most = Math.max(this.#bytes.byteLength, this.declared.length ?? 0);
    return Promise.resolve(most <= limit ? this.#bytes : undefined);
  }

  judge(_guard: Pick<Guard, 'name' | 'mode'>, look: PieceJudge): Verdict {
    return look(this.#bytes) ?? look(null);
  }

  async *take(): AsyncGenerator<Uint8Array> {
    if (this.#bytes.byteLength > 0) yield await Promise.resolve(this.#bytes);
  }
}
