/** What would be sent, without sending it. */
import type { Answer, Probe } from '../../core/answer.ts';
import type { Handshake, HandshakeOffer } from '../../core/handshake.ts';
import { NotSeen, type SiteFacts } from '../../core/rule.ts';

/** Stands in for the client. */
export interface Rehearsal {
  readonly send: (probe: Probe, cookie?: string) => Promise<Answer>;
  readonly handshake: (offer: HandshakeOffer) => Promise<Handshake>;
}

const PAGE = '<!doctype html><title>Front</title><form method="post"><input name="text" value="x"></form>';

/**
 * Tells each request as a line, and answers with a page that has one form.
 *
 * @param tell - given method, address, and what differs from an ordinary request
 */
export function rehearsal(site: SiteFacts, tell: (line: string) => void): Rehearsal {
  return {
    async send({ method = 'GET', target = site.target, headers = {}, body, plain, preface }) {
      const origin = plain === true ? site.plain : site.origin;
      if (origin === undefined)
        throw new NotSeen('no address over plain http is known: hand it over (plain)');
      const url = `${origin}${target}`;
      const more = Object.entries(headers).map(([name, value]) => `${name}: ${value.slice(0, 80)}`);
      if (preface !== undefined)
        more.push(`${preface.length} bytes before it: ${JSON.stringify(preface).slice(0, 80)}`);
      if (body !== undefined) more.push(`${Buffer.byteLength(body)} bytes of body`);
      tell([`${method} ${url}`, ...more].join('  '));
      return {
        method,
        url,
        status: 200,
        rawHeaders: ['Content-Type', 'text/html'],
        body: method === 'HEAD' ? '' : PAGE,
      };
    },
    async handshake({ version = 'TLSv1.2 and 1.3', ciphers, groups }) {
      tell(
        [`TLS handshake with ${site.origin}  ${version}`, ciphers, groups]
          .filter((part) => part !== undefined)
          .join('  '),
      );
      return { shaken: false, ours: true, why: 'a dry run' };
    },
  };
}
