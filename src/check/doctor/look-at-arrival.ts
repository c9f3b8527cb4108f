/**
 * How a request arrives: a server in the application's place, which asks for the public origin itself. What a proxy really hands on is
 * seen nowhere else, and what the policy believes of it is often from another machine.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { AddressBook } from '../../controls/firewall/address.ts';
import type { Policy } from '../../policy/policy.ts';
import { error, good, type Symptom, unseen, warning } from './symptom.ts';

const WAIT_MS = 10_000;

/** Where it listens: where the application would. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Listens, asks, and says what came. */
export async function lookAtArrival(policy: Policy, place: Place): Promise<readonly Symptom[]> {
  const { origin } = policy;
  if (origin === undefined) return [unseen('proxy', 'Without an origin nobody knows what to ask for.')];
  const path = `/bulwark-doctor-${randomBytes(8).toString('hex')}`;
  const arrived = Promise.withResolvers<IncomingMessage>();
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/plain');
    response.setHeader('Cache-Control', 'no-store');
    response.end('bulwark doctor\n');
    if (request.url === path) arrived.resolve(request);
  });
  try {
    await once(server.listen(place.port, place.host), 'listening');
    const asked = fetch(`${origin.origin}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(WAIT_MS),
    });
    const first = await Promise.race([arrived.promise, asked.then(() => undefined)]);
    // The answer may overtake the event.
    const request = first ?? (await Promise.race([arrived.promise, later()]));
    if (request === undefined)
      return [
        error(
          'proxy',
          `${origin.origin} answered, and the request did not come to ${place.host}:${place.port}.`,
          'have the proxy ask this address, or name with --listen the one that it asks',
        ),
      ];
    return judge(policy, request);
  } catch (cause) {
    const why =
      cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : '';
    return [unseen('proxy', `${origin.origin} could not be asked from here: ${why}`)];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function later(): Promise<undefined> {
  await new Promise((resolve) => {
    setTimeout(resolve, 200);
  });
}

/** What the policy makes of such a request, and what it should. */
export function judge(
  { origin, proxy }: Pick<Policy, 'origin' | 'proxy'>,
  request: Pick<IncomingMessage, 'headers'> & {
    readonly socket: { readonly remoteAddress?: string | undefined };
  },
): readonly Symptom[] {
  const { headers, socket } = request;
  const peer = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const told = headers['x-forwarded-for'] ?? headers['forwarded'];
  const isTrusted = new AddressBook(proxy).peer(peer).trusted;
  const found: Symptom[] = [];
  if (told !== undefined && !isTrusted)
    found.push(
      error(
        'proxy',
        `A proxy stands in front, at ${peer}, and the policy does not know it: all visitors count as one.`,
        `proxy: { trusted: ['${peer}'] }`,
      ),
    );
  else if (told === undefined && isTrusted)
    found.push(
      error(
        'proxy',
        `The proxy at ${peer} is trusted, and says nothing of who asks.`,
        'have it set X-Forwarded-For and X-Forwarded-Proto: docs/guides/behind-a-proxy.md',
      ),
    );
  else
    found.push(
      good(
        'proxy',
        isTrusted ? `The proxy at ${peer} is known, and says who asks.` : 'No proxy stands in front.',
      ),
    );
  const inner = isTrusted ? unknownHops(String(headers['x-forwarded-for'] ?? ''), proxy) : [];
  if (inner.length > 0)
    found.push(
      warning(
        'proxy.hops',
        `Behind the first proxy stand others of your own network: ${inner.join(', ')}. They count as visitors.`,
        `proxy: { trusted: [${[peer, ...inner].map((one) => `'${one}'`).join(', ')}] }`,
      ),
    );
  const scheme =
    String(headers['x-forwarded-proto'] ?? '')
      .split(',')
      .at(-1)
      ?.trim() ?? '';
  if (origin?.scheme === 'https' && told !== undefined && scheme !== 'https')
    found.push(
      error(
        'proxy.scheme',
        `The request came by https, and the proxy says ${scheme === '' ? 'nothing of it' : scheme}: visitors are sent in circles.`,
        'have it set X-Forwarded-Proto to the scheme that it was asked by',
      ),
    );
  const host = String((isTrusted ? headers['x-forwarded-host'] : undefined) ?? headers.host ?? '');
  if (origin !== undefined && host.toLowerCase() !== new URL(origin.origin).host)
    found.push(
      error(
        'proxy.host',
        'The proxy hands on another Host than that of the origin: every visitor gets a 421.',
        'have it hand on Host as it came (nginx: proxy_set_header Host $host)',
      ),
    );
  return found;
}

const PRIVATE = /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd][0-9a-f]{2}:|::1$)/i;

/** From the right, as the policy reads it: private addresses that it takes for visitors. */
function unknownHops(chain: string, proxy: Policy['proxy']): readonly string[] {
  const book = new AddressBook(proxy);
  const hops = chain.split(',').map((one) => one.trim());
  const found: string[] = [];
  // The first of the list is whoever asked, which here is this machine.
  for (const hop of hops.slice(1).toReversed()) {
    if (book.peer(hop).trusted) continue;
    if (!PRIVATE.test(hop)) break;
    found.push(hop);
  }
  return found;
}
