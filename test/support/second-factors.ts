/** Second factors for unit tests: a clock that is moved by hand, and visits whose events can be looked at. */
import { KeyRing } from '../../src/core/key-ring.ts';
import { parseOrigin } from '../../src/core/origin.ts';
import { randomId } from '../../src/core/random.ts';
import {
  type ClientVisit,
  type MfaOptions,
  SecondFactors,
  type SessionVisit,
} from '../../src/identity/mfa/mfa.ts';
import { mfaOptions } from '../../src/identity/mfa/mfa.options.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { readSection } from './read-section.ts';
import { type SeenEvent, START } from './sessions.ts';

/** What is special about an application. */
export interface FactorSite {
  readonly state?: State;
  /** The current one first. */
  readonly secrets?: readonly Uint8Array[];
  /** Null: none is declared. */
  readonly origin?: string | null;
  readonly options?: MfaOptions;
}

/** One process of an application. Several on one state are several processes. */
export class FakeFactors {
  now: number = START;
  readonly state: State;
  readonly factors: SecondFactors;
  readonly visit: FakeVisit;

  constructor(site: FactorSite = {}) {
    this.state = site.state ?? memory();
    const policy = {
      state: this.state,
      keys: new KeyRing(site.secrets ?? [Buffer.alloc(32, 1)]),
      origin: site.origin === null ? undefined : parseOrigin(site.origin ?? 'https://example.com'),
    };
    const mfa = readSection('mfa', mfaOptions, site.options);
    this.factors = SecondFactors.of({ ...policy, mfa }, () => this.now);
    this.visit = this.newVisit();
  }

  /** A request of another session. */
  newVisit(): FakeVisit {
    return new FakeVisit(() => this.now);
  }
}

/** What `bulwark.of(request)` gives, as far as second factors need it. */
export class FakeVisit implements SessionVisit, ClientVisit {
  readonly events: SeenEvent[] = [];
  readonly client: { readonly address: string } = { address: '192.0.2.1' };
  readonly #clock: () => number;
  readonly #tokens = new Map<string, number>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  readonly audit: SessionVisit['audit'] = ({ name }, details) =>
    void this.events.push({ event: name, details });

  readonly session: SessionVisit['session'] = {
    issueToken: (purpose, ttlMs) => {
      const token = randomId(24);
      this.#tokens.set(`${token} ${purpose}`, this.#clock() + ttlMs);
      return Promise.resolve(token);
    },
    useToken: (purpose, token) => {
      const key = `${token} ${purpose}`;
      const expiresAt = this.#tokens.get(key) ?? 0;
      return Promise.resolve(this.#tokens.delete(key) && expiresAt > this.#clock());
    },
  };

  /** The names of events so far, without their details. */
  get eventNames(): readonly string[] {
    return this.events.map(({ event }) => event);
  }

  /** The last event, as one text. */
  get lastEvent(): string {
    const { event, details } = this.events.at(-1) ?? { event: 'none', details: {} };
    return `${event} ${JSON.stringify(details)}`;
  }
}
