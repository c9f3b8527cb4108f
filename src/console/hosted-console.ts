/** The console on Node.js: from a request to an answer that each framework writes by its own means. */
import { mkdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { EventFigures } from '../audit/index/event-figures.ts';
import { EventIndex } from '../audit/index/event-index.ts';
import { OWN_ANSWER } from '../controls/errors/errors.ts';
import { bodyTooLarge } from '../controls/firewall/body.ts';
import { call } from '../core/call.ts';
import { BulwarkError, PolicyError, type PolicyProblem } from '../core/errors.ts';
import { noteUnknownWho } from '../core/exchange.ts';
import { LAYER_PARTS, onLayer } from '../core/layer-parts.ts';
import { MOST_FORM_BYTES } from '../core/small-body.ts';
import { View } from '../layer/view.ts';
import {
  isAnswered,
  type MountedPages,
  type PageReply,
  type PageVisit,
  replyOf,
  targetOf,
} from '../node/mounted/mounted-pages.ts';
import { judgeForm, ownHeaders } from '../node/mounted/own-guards.ts';
import { readFields } from '../node/mounted/read-fields.ts';
import { refuse } from '../node/response.ts';
import type { ConsoleAnswer, ConsoleContext, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { CONSOLE_PAGES, CONSOLE_ROUTES } from './console-pages.ts';
import type { ConsoleSettings } from './options/console.options.ts';
import { frame } from './console-layout.ts';
import { EventFeed } from './event-feed.ts';
import { isOperator } from './is-operator.ts';

/** What the console needs of a layer: what `bulwark(policy)` gives back has it. */
export interface ConsoleLayer {
  readonly [LAYER_PARTS]: ConsoleParts;
}

const checkConsole = call('consolePages(layer), with const layer = bulwark(policy)', { layer: onLayer });

const LEFT_OUT: PolicyProblem = {
  code: 'ERR_BULWARK_INVALID_OPTION',
  option: 'console',
  reason: 'the policy declares none, so that it has no rules for these pages.',
  fix: "console: true   or: console: { base: '/admin', role: 'admin' }",
};
const STYLE = '/console.css';

/** The console of one layer. */
export class HostedConsole implements MountedPages {
  readonly routes: readonly string[];
  readonly ruled: readonly string[];
  readonly #context: ConsoleContext;
  readonly #base: string;
  readonly #signOut: string | undefined;

  /**
   * @throws PolicyError where the policy declares no console
   * @throws BulwarkError ERR_BULWARK_STORE where its database cannot be opened
   */
  constructor(layer: ConsoleLayer) {
    checkConsole(layer);
    const parts = layer[LAYER_PARTS];
    const { console: settings, accountPages } = parts.policy;
    if (settings === undefined) throw new PolicyError([LEFT_OUT]);
    this.#base = settings.base;
    this.#signOut = accountPages === undefined ? undefined : `${accountPages.base}/logout`;
    this.routes = [...CONSOLE_ROUTES.keys()].map((key) => this.#whole(key));
    this.ruled = this.routes;
    const { index, figures } = open(settings);
    const feed = new EventFeed(parts.layer, index, figures, settings.keep);
    this.#context = { parts, madeOn: layer, settings, index, figures, feed, log: parts.layer.audit };
    parts.onClose(() => {
      feed.close();
      return Promise.resolve();
    });
  }

  has({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
    return CONSOLE_ROUTES.has(this.#key(method, targetOf(url).path));
  }

  async answer(asked: PageVisit): Promise<PageReply | undefined> {
    const { view, request } = asked;
    const exchange = View.exchangeOf(view);
    const { path, query } = targetOf(request.url);
    const handler = CONSOLE_ROUTES.get(this.#key(request.method, path));
    // Under another address than the one that was sent, the rules of these pages were never asked.
    if (handler === undefined || exchange.target !== request.url) return undefined;
    if (!isOperator(view.principal, request.method, exchange.now, this.#context.settings)) return undefined;
    try {
      const { form } = await readFields(request.method, exchange.body, asked.handed);
      if (request.method === 'POST') judgeForm(asked, form);
      // Whoever sends slowly may have been signed out since the head of the request was judged.
      if (request.method === 'POST') await view.session.confirm();
      const answer = await handler(this.#context, {
        view,
        query: new URLSearchParams(query),
        form,
        now: Date.now(),
        at: (to, fields) => this.#at(to, fields),
      } satisfies ConsoleRequest);
      return this.#write(answer, asked);
    } catch (error) {
      noteUnknownWho(exchange, error);
      if (isTooLarge(error) && !isAnswered(asked)) {
        const refusal = bodyTooLarge(MOST_FORM_BYTES);
        View.layerOf(view).report(exchange, 'body', refusal);
        refuse(asked.response, refusal);
      }
      throw error;
    }
  }

  #write(answer: ConsoleAnswer, { view, request }: PageVisit): PageReply {
    View.exchangeOf(view).set(OWN_ANSWER, true);
    if (answer.kind === 'redirect') return replyOf(303, [['Location', answer.to]], null);
    const kept = ['Cache-Control', 'no-store'] as const;
    if (answer.kind === 'stream') {
      // A proxy that gathers what it is sent would hold events back.
      const headers = [['Content-Type', answer.type], kept, ['X-Accel-Buffering', 'no']] as const;
      if (request.method !== 'HEAD') return replyOf(200, headers, answer.body);
      answer.body.destroy();
      return replyOf(200, headers, null);
    }
    if (answer.kind === 'file') {
      const { type, body, name } = answer;
      const headers = [['Content-Type', type], kept] as const;
      if (name === undefined) return replyOf(200, headers, body);
      return replyOf(200, [...headers, ['Content-Disposition', `attachment; filename="${name}"`]], body);
    }
    const { path } = targetOf(request.url);
    const document = frame({
      title: answer.title,
      body: answer.body,
      service: this.#context.parts.policy.audit.service,
      links: CONSOLE_PAGES.flatMap(({ link }) => {
        if (link === undefined) return [];
        const href = this.#at(link.path);
        return [{ href, label: link.label, isCurrent: href === path }];
      }),
      style: this.#at(STYLE),
      nonce: view.nonce,
      csrfToken: view.csrfToken,
      signOut: this.#signOut,
    });
    const type = ['Content-Type', 'text/html; charset=utf-8'] as const;
    return replyOf(
      answer.status,
      [type, kept, ...ownHeaders(this.#context.parts.policy, view.nonce)],
      document,
    );
  }

  #at(path: string, fields: Readonly<Record<string, string | undefined>> = {}): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, value);
    const text = query.toString();
    return `${this.#base}${path === '/' ? '' : path}${text === '' ? '' : `?${text}`}`;
  }

  #key(method: string | undefined, path: string): string {
    if (!path.startsWith(this.#base)) return '';
    const below = path.slice(this.#base.length);
    return `${method === 'HEAD' ? 'GET' : (method ?? '')} ${below === '' ? '/' : below}`;
  }

  #whole(key: string): string {
    const [method = '', path = ''] = key.split(' ');
    return `${method} ${this.#at(path)}`;
  }
}

function open({ index: path }: ConsoleSettings): Pick<ConsoleContext, 'index' | 'figures'> {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return { index: new EventIndex(path), figures: new EventFigures(path) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it failed';
    throw new BulwarkError('ERR_BULWARK_STORE', `console.index: ${path} cannot be opened (${reason})`, {
      cause,
    });
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof BulwarkError && error.code === 'ERR_BULWARK_BODY_TOO_LARGE';
}
