/** A certificate by ACME: fetched at the first start, renewed when its time comes, and tried again where that fails. */
import type { AcmeSettings } from '../../options/tls.options.ts';
import { type Certificate, readCertificate } from '../certificate.ts';
import { Authority } from './authority.ts';
import type { Challenges } from './challenges.ts';
import { AcmeFolder } from './folder.ts';
import { renewalTime, type RenewalWindow, waitAfter } from './renewal.ts';

/** What a renewal stands on. */
export interface AcmeParts {
  readonly settings: AcmeSettings;
  readonly names: readonly string[];
  readonly challenges: Challenges;
  readonly take: (certificate: Certificate) => void;
  /** Tells the log of a failure. */
  readonly fail: (reason: string, attempt: number, nextTry: number) => void;
}

/** How often an authority is asked when it wants a certificate renewed, at the least. */
const LOOK_MS = 6 * 3_600_000;

/** The certificate of one gateway. */
export class Acme {
  readonly #parts: AcmeParts;
  readonly #folder: AcmeFolder;
  #authority: Authority | undefined;
  #current: Certificate | undefined;
  /** Where in the authority's window this certificate is renewed. */
  #random = Math.random();
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: AcmeParts) {
    this.#parts = parts;
    this.#folder = new AcmeFolder(parts.settings.folder);
  }

  /** Takes what is kept, and sees to it from then on. */
  start(): void {
    void this.#turn();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #turn(): Promise<void> {
    let wait = LOOK_MS;
    try {
      if (this.#current === undefined) await this.#takeKept();
      this.#authority ??= await Authority.open(this.#parts.settings, this.#folder, this.#parts.challenges);
      const due = await this.#due(this.#authority);
      if (due <= Date.now()) await this.#renew(this.#authority);
      else wait = Math.min(LOOK_MS, due - Date.now());
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      wait = waitAfter(this.#failures);
      if (!this.#isClosed) this.#parts.fail(reasonOf(error), this.#failures, Date.now() + wait);
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#turn(), wait).unref();
  }

  async #takeKept(): Promise<void> {
    const kept = await this.#folder.certificate();
    if (kept === undefined) return;
    const certificate = readCertificate(kept);
    if (this.#parts.names.every((name) => certificate.covers(name))) this.#take(certificate);
  }

  async #due(authority: Authority): Promise<number> {
    const current = this.#current;
    if (current === undefined) return 0;
    let window: RenewalWindow | undefined;
    try {
      window = await authority.window(current.cert);
    } catch {
      // It is asked again in some hours; until then the certificate's own life says when.
    }
    return renewalTime(current, window, this.#random);
  }

  async #renew(authority: Authority): Promise<void> {
    // Where an order failed, what it replaces may have been why.
    const replaced = this.#failures === 0 ? this.#current?.cert : undefined;
    const pair = await authority.order(this.#parts.names, replaced);
    await this.#folder.keepCertificate(pair);
    this.#take(readCertificate(pair));
  }

  #take(certificate: Certificate): void {
    if (this.#isClosed) return;
    this.#parts.take(certificate);
    this.#current = certificate;
    this.#random = Math.random();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
