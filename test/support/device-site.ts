/** Browsers of a site that binds sessions to devices, without a network. */
import assert from 'node:assert/strict';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { SessionHandle } from '../../src/controls/sessions/session-handle.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import { Layer } from '../../src/layer/layer.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { type Answered, type Recorded, RecorderHost } from '../../src/testing/recorder.ts';
import { challengeIn, Device } from './device.ts';
import { fixedSecrets, TEST_SECRET } from './secrets.ts';

/** One process of the site. */
export class DeviceSite {
  readonly events: AuditEvent[] = [];
  readonly layer: Layer;
  readonly host: RecorderHost;
  /** Accounts whose owners were told. */
  readonly told: string[] = [];
  now: number = Date.now();

  private constructor(layer: Layer, events: AuditEvent[]) {
    this.layer = layer;
    this.events = events;
    this.host = new RecorderHost(layer);
    layer.devices?.onMisuse((account) => this.told.push(account));
  }

  static async open(options: PolicyOptions = {}, state: State = memory()): Promise<DeviceSite> {
    const events: AuditEvent[] = [];
    const policy = await readPolicy({
      environment: 'production',
      origin: 'https://example.com',
      secrets: fixedSecrets(TEST_SECRET),
      state,
      audit: { sink: (_line, event) => void events.push(event) },
      session: { deviceBound: 'enforce' },
      ...options,
    });
    return new DeviceSite(new Layer(policy), events);
  }

  /** Details of the events of a name. */
  seen(name: string): readonly AuditEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  /** A session, for handlers. */
  session(exchange: Exchange): SessionHandle {
    return new SessionHandle(this.layer.sessions, exchange);
  }
}

/** A browser with its cookies. */
export class DeviceBrowser {
  readonly cookies: Map<string, string>;
  readonly device: Device;
  readonly site: DeviceSite;
  /** What the last answer that had one asked to be signed next. */
  challenge = '';
  identifier = '';

  constructor(
    site: DeviceSite,
    device: Device = new Device(),
    cookies: Map<string, string> = new Map<string, string>(),
  ) {
    this.site = site;
    this.device = device;
    this.cookies = cookies;
  }

  async ask(
    target: string,
    headers: Readonly<Record<string, string>> = {},
    answer?: (exchange: Exchange) => Answered | Promise<Answered>,
    method = 'GET',
    peer = '192.0.2.1',
  ): Promise<Recorded> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const recorded = await this.site.host.run(
      {
        method,
        target,
        peer,
        now: this.site.now,
        headers: {
          accept: 'text/html',
          'sec-fetch-site': 'same-origin',
          ...(cookie && { cookie }),
          ...headers,
        },
      },
      answer,
    );
    const lines = recorded.head.getHeader('set-cookie') ?? [];
    for (const line of typeof lines === 'object' ? lines : [String(lines)]) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; Max-Age=0/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const next = recorded.head.getHeader('secure-session-challenge');
    if (next !== undefined) {
      this.challenge = challengeIn(next);
      this.identifier = /;id="([^"]+)"/.exec(String(next))?.[1] ?? '';
    }
    return recorded;
  }

  /** Signs in, and returns the challenge that comes with it; empty where none does. */
  async signIn(account = 'ann'): Promise<string> {
    const { head } = await this.ask(
      '/login',
      {},
      async (exchange) => {
        await this.site.session(exchange).signIn({ account });
        return { status: 303 };
      },
      'POST',
    );
    return challengeIn(head.getHeader('secure-session-registration'));
  }

  /** Posts to one of the two places, with what was signed where something is. */
  async post(
    place: 'register' | 'refresh',
    response?: string,
    identifier: string = this.identifier,
  ): Promise<Recorded> {
    const headers = {
      ...(response !== undefined && { 'secure-session-response': response }),
      ...(place === 'refresh' && { 'sec-secure-session-id': identifier }),
    };
    return this.ask(`/-/device/${place}`, headers, undefined, 'POST');
  }

  /** Signs in and binds the session. Time goes on by more than pages have that left before. */
  async bind(account = 'ann'): Promise<void> {
    const { verdict } = await this.post('register', this.device.register(await this.signIn(account)));
    assert.equal(verdict?.status, 200, verdict?.detail);
    this.site.now += 60_000;
  }

  /** Who a page sees, and whether by a device. */
  async look(headers: Readonly<Record<string, string>> = {}, peer?: string): Promise<string> {
    let seen = 'refused';
    await this.ask(
      '/page',
      headers,
      (exchange) => {
        const session = this.site.session(exchange);
        seen = `${session.principal?.account ?? 'nobody'} ${session.deviceBound ? 'bound' : 'unbound'}`;
        return {};
      },
      'GET',
      peer,
    );
    return seen;
  }

  /** Somebody who has the cookie of the session, and nothing else. */
  thief(): DeviceBrowser {
    const stolen = new Map([['__Host-sid', this.cookies.get('__Host-sid') ?? '']]);
    return new DeviceBrowser(this.site, new Device(), stolen);
  }
}
