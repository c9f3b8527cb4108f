/** What a gateway says of itself, on a listener of its own: health, readiness, metrics. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { METRIC_TYPES, type MetricFormat } from '../../core/metric-text.ts';

/** What is known of a gateway. */
export interface Knowledge {
  /** Whether it runs at all. */
  readonly isWell: () => boolean;
  /** Whether it should be sent requests: undefined, or why not. */
  readonly unready: () => Promise<string | undefined>;
  readonly metrics: (format: MetricFormat) => Promise<string>;
}

/** A server for operators. It reads nothing but the path, and changes nothing. */
export function createManagement(knowledge: Knowledge): Server {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
    // A page in a browser on this machine or network has nothing to read here (DNS rebinding).
    const site = request.headers['sec-fetch-site'];
    if (request.headers.origin !== undefined || (site !== undefined && site !== 'none')) {
      say(response, 403, 'for operators, not for pages\n');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      say(response, 405, 'GET or HEAD\n');
      return;
    }
    answer(knowledge, request, response).catch(() => say(response, 500, 'not known\n'));
  });
  server.maxConnections = 64;
  return server;
}

async function answer(
  knowledge: Knowledge,
  { url, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (url ?? '') {
    case '/-/health':
      if (knowledge.isWell()) say(response, 200, 'ok\n');
      else say(response, 503, 'no worker serves\n');
      return;
    case '/-/ready': {
      const why = await knowledge.unready();
      if (why === undefined) say(response, 200, 'ok\n');
      else say(response, 503, `${why}\n`);
      return;
    }
    case '/-/metrics': {
      // Prometheus names it first where it takes it, with the weight 1 or nearly.
      const format = (headers.accept ?? '').startsWith('application/openmetrics-text')
        ? 'openmetrics'
        : 'prometheus';
      say(response, 200, await knowledge.metrics(format), METRIC_TYPES[format]);
      return;
    }
    default:
      say(response, 404, 'here are /-/health, /-/ready and /-/metrics\n');
  }
}

function say(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  });
  response.end(text);
}
