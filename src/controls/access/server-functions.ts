/** Calls of functions of the server that frameworks take past the address of the page that the functions belong to. */
import type { Exchange } from '../../core/exchange.ts';
import { header } from '../../core/exchange.ts';
import type { FrameworkName } from './frameworks.ts';

/** A call. */
export interface ServerFunctionCall {
  readonly framework: FrameworkName;
  /** The segment of the path that tells it, which a pattern of the policy can name. None: any page takes it. */
  readonly segment?: string;
}

const BY_SEGMENT: ReadonlyMap<string, ServerFunctionCall> = new Map(
  (
    [
      ['_serverfn', 'tanstack-start'],
      ['_actions', 'astro'],
      ['_server-islands', 'astro'],
      ['_server', 'solid-start'],
      ['__nuxt_island', 'nuxt'],
    ] as const
  ).map(([segment, framework]) => [segment, { framework, segment }]),
);
const SVELTEKIT_REMOTE: ServerFunctionCall = { framework: 'sveltekit', segment: 'remote' };
const SVELTEKIT_FORM: ServerFunctionCall = { framework: 'sveltekit' };
const RSC_ACTION: ServerFunctionCall = { framework: 'react-router' };
const NEXT_ACTION: ServerFunctionCall = { framework: 'next' };
const QWIK_FUNCTION: ServerFunctionCall = { framework: 'qwik' };
const ASTRO_ACTION: ServerFunctionCall = { framework: 'astro' };

/**
 * The call that a request is, if it is one. What an application of another kind may send just as well counts only where
 * the framework is there.
 */
export function serverFunctionCall(
  { path, query, request }: Exchange,
  frameworks: ReadonlySet<FrameworkName>,
): ServerFunctionCall | undefined {
  if (path.includes('/_')) {
    const byPath = callBySegment(path);
    if (byPath !== undefined) return byPath;
  }
  if (request.headers['x-qrl'] !== undefined) return QWIK_FUNCTION;
  if (query !== '') {
    if (frameworks.has('qwik') && (asks(query, 'qfunc') || asks(query, 'qaction'))) return QWIK_FUNCTION;
    if (request.method === 'POST' && frameworks.has('astro') && asks(query, '_action')) return ASTRO_ACTION;
  }
  if (request.method !== 'POST') return undefined;
  // A remote form, which any page takes.
  if (query !== '' && asks(query, '/remote')) return SVELTEKIT_FORM;
  if (request.headers['next-action'] !== undefined) return NEXT_ACTION;
  // Of server components, which React Router and others build on.
  if (request.headers['rsc-action-id'] !== undefined) return RSC_ACTION;
  // A form that is sent before the page's scripts have come names its action in the body.
  const isForm =
    frameworks.has('next') && header(request, 'content-type')?.toLowerCase().startsWith('multipart/');
  return isForm === true ? NEXT_ACTION : undefined;
}

/** At the root, or below the one segment that an application may be served under. */
function callBySegment(path: string): ServerFunctionCall | undefined {
  const segments = path.toLowerCase().split('/', 4).slice(1);
  for (const [index, segment] of segments.entries()) {
    if (index > 1) return undefined;
    if (segment === '_app' && segments[index + 1] === 'remote') return SVELTEKIT_REMOTE;
    const call = BY_SEGMENT.get(segment);
    if (call !== undefined) return call;
  }
  return undefined;
}

/** Whether a query has a field of this name, escaped or not. */
function asks(query: string, name: string): boolean {
  if (!query.includes('%') && !query.includes(name)) return false;
  return new URLSearchParams(query).has(name);
}
