/** TLS at the gateway: its server, the one of plain http beside it, and what keeps its certificate and its keys fresh. */
import type { Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import { BulwarkError } from '../../core/errors.ts';
import { AddressBook } from '../../controls/firewall/address.ts';
import type { ApplicationAudit } from '../../layer/application-audit.ts';
import type { Policy } from '../../policy/policy.ts';
import type { AcmeSettings, TlsSettings } from '../options/tls.options.ts';
import { type Certificate, isEnding } from './certificate.ts';
import { Acme } from './acme/acme.ts';
import { Challenges } from './acme/challenges.ts';
import { CertificateFiles } from './certificate-files.ts';
import { TicketKeys } from './ticket-keys.ts';
import { TLS_EVENTS } from './tls.events.ts';
import { TlsServer } from './tls-server.ts';

/** What TLS stands on. */
export interface GatewayTlsParts {
  readonly policy: Policy;
  readonly settings: TlsSettings;
  readonly audit: ApplicationAudit;
  /** Makes a server of the gateway, of https where it is given options. */
  readonly make: (options?: ServerOptions) => Server;
}

const LOOK_MS = 2_000;
const KEYS_MS = 60_000;
const DAY_MS = 86_400_000;

/** TLS of one gateway, from the moment its server listens. */
export class GatewayTls {
  readonly server: Server;
  /** Of plain http: the policy sends who comes there to https. */
  readonly plain: Server;
  readonly #parts: GatewayTlsParts;
  readonly #tls: TlsServer;
  readonly #source: CertificateFiles | Acme;
  readonly #keys: TicketKeys;
  readonly #timers: NodeJS.Timeout[] = [];
  #certificate: Certificate | undefined;

  /** @throws BulwarkError ERR_BULWARK_CERTIFICATE where the certificate cannot be used */
  constructor(parts: GatewayTlsParts) {
    const { policy, settings, audit, make } = parts;
    const challenges = new Challenges();
    this.#parts = parts;
    this.#tls = new TlsServer({
      make,
      timeouts: policy.timeouts,
      book: new AddressBook(policy.proxy),
      tellFlood: (reason, client) => audit(TLS_EVENTS.http2Flood, { reason, client }),
      challengeFor: (name) => challenges.pairFor(name),
    });
    this.server = this.#tls.server;
    this.plain = make();
    this.#keys = new TicketKeys({ store: policy.state.sessions, keys: policy.keys });
    challenges.answerOn(this.plain);
    if ('acme' in settings) this.#source = this.#acmeOf(settings.acme, challenges);
    else {
      this.#source = new CertificateFiles({
        files: settings,
        host: policy.origin?.hostname,
        take: (certificate) => this.#take(certificate),
        refuse: (reason) => audit(TLS_EVENTS.certificateRefused, { reason }),
      });
    }
    this.server.once('listening', () => this.#start());
  }

  /** Has clients on HTTP/2 go once their requests are answered. */
  sendAway(): void {
    this.#tls.sendAway();
  }

  close(): void {
    this.plain.close();
    this.plain.closeAllConnections();
    this.#source.close();
    for (const timer of this.#timers) clearInterval(timer);
  }

  #start(): void {
    if (this.#source instanceof Acme) this.#source.start();
    else this.#source.watch(LOOK_MS);
    const share = (): void => void this.#shareKeys();
    const remind = (): void => this.#remind();
    this.#timers.push(setInterval(share, KEYS_MS).unref(), setInterval(remind, DAY_MS).unref());
    share();
    remind();
  }

  #acmeOf(settings: AcmeSettings, challenges: Challenges): Acme {
    const { policy, audit } = this.#parts;
    const names = settings.names ?? hostOf(policy);
    return new Acme({
      settings,
      names,
      challenges,
      take: (certificate) => this.#take(certificate),
      fail: (reason, attempt, nextTry) =>
        audit(TLS_EVENTS.renewalFailed, { reason, attempt, nextTry: day(nextTry) }),
    });
  }

  #take(certificate: Certificate): void {
    this.#tls.use(certificate);
    // The first of files is no news; the first of an authority is.
    const isNews = this.#certificate !== undefined || this.server.listening;
    this.#certificate = certificate;
    const { notAfter, fingerprint } = certificate;
    if (isNews) this.#parts.audit(TLS_EVENTS.certificateTaken, { until: day(notAfter), fingerprint });
  }

  #remind(): void {
    const now = Date.now();
    const certificate = this.#certificate;
    if (certificate === undefined || !isEnding(certificate, now)) return;
    const { notAfter } = certificate;
    const days = Math.floor((notAfter - now) / DAY_MS);
    this.#parts.audit(TLS_EVENTS.certificateEnding, { until: day(notAfter), days });
  }

  async #shareKeys(): Promise<void> {
    try {
      this.#tls.useTicketKeys(await this.#keys.current());
    } catch (error) {
      this.#parts.audit(TLS_EVENTS.ticketKeysUnshared, { error });
    }
  }
}

/** @throws BulwarkError where there is none that an authority could give a certificate for */
function hostOf({ origin }: Policy): readonly string[] {
  if (origin !== undefined && !origin.loopback) return [origin.hostname];
  const message = 'gateway.tls.acme: no public origin says for which name; write origin, or acme: { names }';
  throw new BulwarkError('ERR_BULWARK_CERTIFICATE', message);
}

function day(time: number): string {
  return new Date(time).toISOString();
}
