import type { Control, Section } from '../../core/control.ts';
import { type BodyOptions, bodyOptions, type BodySettings } from './body.options.ts';
import { FIREWALL_EVENTS, FIREWALL_PROBLEMS } from './firewall.events.ts';
import { type FirewallOptions, firewallOptions, type FirewallSettings } from './firewall.options.ts';
import { type OriginsOptions, originsOptions, type OriginsSettings } from './origins.options.ts';
import { checkProxy, type ProxyOptions, proxyOptions, type ProxySettings } from './proxy.options.ts';
import {
  checkTimeouts,
  type TimeoutOptions,
  timeoutOptions,
  type TimeoutSettings,
} from './timeouts.options.ts';

interface Sections {
  readonly origins: Section<OriginsOptions, OriginsSettings>;
  readonly proxy: Section<ProxyOptions, ProxySettings>;
  readonly firewall: Section<FirewallOptions, FirewallSettings>;
  readonly body: Section<BodyOptions, BodySettings>;
  readonly timeouts: Section<TimeoutOptions, TimeoutSettings>;
}

/** What others collect of this room. */
export const firewallControl: Control<Sections, typeof FIREWALL_EVENTS> = {
  sections: {
    origins: { table: originsOptions },
    proxy: { table: proxyOptions, check: checkProxy },
    firewall: { table: firewallOptions },
    body: { table: bodyOptions },
    timeouts: { table: timeoutOptions, check: checkTimeouts },
  },
  events: FIREWALL_EVENTS,
  problems: FIREWALL_PROBLEMS,
  guards: ['address', 'framing', 'url', 'host', 'method', 'body'],
  rules: async () => {
    const rooms = await Promise.all([
      import('./firewall.check.ts'),
      import('./proxy-head.check.ts'),
      import('./effects.check.ts'),
    ]);
    const [{ firewallRules }, { proxyHeadRules }, { effectRules }] = rooms;
    return [...firewallRules, ...proxyHeadRules, ...effectRules];
  },
};
