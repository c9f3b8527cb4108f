/** One of several upstreams: its connections, and whether it is there. */
import type { HealthSettings } from '../options/health.options.ts';
import { showAddress, type UpstreamAddress } from '../options/upstream-address.ts';
import type { FaultKind } from './fault.ts';
import { type UpstreamOptions, UpstreamPool } from './pool.ts';
import { probe, type ProbeOptions } from './probe.ts';

/** What one upstream has done, for whoever runs the gateway. */
export interface MemberState {
  readonly upstream: string;
  readonly up: boolean;
  /** Connections that carry a request. */
  readonly busy: number;
  readonly answers: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
}

/** How a member is met and looked after. */
export interface MemberOptions {
  readonly pool: Omit<UpstreamOptions, 'address' | 'onAnswer' | 'onFault'>;
  readonly health: HealthSettings;
  readonly site: Pick<ProbeOptions, 'host' | 'secure'>;
  /** Told when it goes, and when it is back. */
  readonly onChange: (upstream: string, up: boolean) => void;
}

/**
 * An upstream is gone where it takes no connection, or fails its checks. A bad or late answer to a request does not count:
 * a client that knows how to cause one could take down them all.
 */
export class Member {
  readonly pool: UpstreamPool;
  readonly #address: UpstreamAddress;
  readonly #options: MemberOptions;
  readonly #faults: Record<FaultKind, number> = {
    connect: 0,
    busy: 0,
    late: 0,
    cut: 0,
    malformed: 0,
    left: 0,
  };
  readonly #timer: NodeJS.Timeout;
  #answers = 0;
  #failures = 0;
  #isUp = true;
  #isAsking = false;

  constructor(address: UpstreamAddress, options: MemberOptions) {
    this.#address = address;
    this.#options = options;
    this.pool = new UpstreamPool({
      ...options.pool,
      address,
      onAnswer: () => (this.#answers += 1),
      onFault: (kind) => this.#note(kind),
    });
    this.#timer = setInterval(() => void this.#look(), options.health.every).unref();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get state(): MemberState {
    return {
      upstream: showAddress(this.#address),
      up: this.#isUp,
      busy: this.pool.busy,
      answers: this.#answers,
      faults: { ...this.#faults },
    };
  }

  /** Ends what is unused, and asks no more. */
  close(): void {
    clearInterval(this.#timer);
    this.pool.close();
  }

  #note(kind: FaultKind): void {
    this.#faults[kind] += 1;
    if (kind === 'connect') this.#turn(false);
  }

  /** Asks on a path of its own always; by a bare connection only while it is gone, since that costs a worker a look. */
  async #look(): Promise<void> {
    const { health, site } = this.#options;
    if (this.#isAsking || (health.path === undefined && this.#isUp)) return;
    this.#isAsking = true;
    const isWell = await probe(this.#address, { ...site, path: health.path, timeout: health.timeout });
    this.#isAsking = false;
    this.#failures = isWell ? 0 : this.#failures + 1;
    if (isWell) this.#turn(true);
    else if (this.#failures >= health.failures) this.#turn(false);
  }

  #turn(up: boolean): void {
    if (up === this.#isUp) return;
    this.#isUp = up;
    this.#options.onChange(showAddress(this.#address), up);
  }
}
