/** What pages of the console are asked and what they answer, whatever the framework. To add one: its file, and its line in `console-pages.ts`. */
import type { Readable } from 'node:stream';
import type { EventFigures } from '../audit/index/event-figures.ts';
import type { EventIndex } from '../audit/index/event-index.ts';
import type { LayerParts } from '../node/protector.ts';
import type { View } from '../layer/view.ts';
import type { Html } from '../ui/html.ts';
import type { ConsoleSettings } from './options/console.options.ts';
import type { EventFeed } from './event-feed.ts';

/** What a layer hands to its console. */
export type ConsoleParts = Pick<LayerParts, 'layer' | 'onClose' | 'policy'>;

/** What handlers work with. */
export interface ConsoleContext {
  readonly parts: ConsoleParts;
  /** What `bulwark(policy)` gave back: rooms that are made on a layer, such as accounts, are made on it. */
  readonly madeOn: unknown;
  readonly settings: ConsoleSettings;
  readonly index: EventIndex;
  readonly figures: EventFigures;
  readonly feed: EventFeed;
  /** Opens what is sealed of persons. */
  readonly log: ConsoleParts['layer']['audit'];
}

/** One request to a page of the console. */
export interface ConsoleRequest {
  readonly view: View;
  readonly query: URLSearchParams;
  /** The fields of a form that was posted. */
  readonly form: URLSearchParams;
  /** When it came, in milliseconds since 1970. */
  readonly now: number;
  /** The address of a page of the console: `at('/events', { account: 'ann' })`. */
  readonly at: (path: string, query?: Readonly<Record<string, string | undefined>>) => string;
}

/** What is answered. */
export type ConsoleAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly title: string; readonly body: Html }
  /** Another page of the console, by GET. */
  | { readonly kind: 'redirect'; readonly to: string }
  | {
      readonly kind: 'file';
      readonly type: string;
      readonly body: string | Buffer<ArrayBuffer>;
      /** Under which name it is kept. Undefined: it belongs to a page. */
      readonly name?: string;
    }
  | { readonly kind: 'stream'; readonly type: string; readonly body: Readable };

/** Answers one request. Whoever asks was judged by the rules of the policy before. */
export type ConsoleHandler = (
  context: ConsoleContext,
  request: ConsoleRequest,
) => Promise<ConsoleAnswer> | ConsoleAnswer;

/** A page, or several that belong together. */
export interface ConsolePage {
  /** Its place in the navigation. */
  readonly link?: { readonly path: string; readonly label: string };
  /** What is asked, below the base: `GET /events`. */
  readonly routes: Readonly<Record<`${'GET' | 'POST'} /${string}`, ConsoleHandler>>;
}

/** A page. */
export function page(title: string, body: Html, status = 200): ConsoleAnswer {
  return { kind: 'page', status, title, body };
}

/** Another page, by GET. */
export function redirect(to: string): ConsoleAnswer {
  return { kind: 'redirect', to };
}

/** A field of a query or a form that is there once, and no longer than a person types; else undefined. */
export function oneField(fields: URLSearchParams, name: string): string | undefined {
  const values = fields.getAll(name);
  const value = values.length === 1 ? values[0]?.trim() : undefined;
  return value === undefined || value === '' || value.length > LONGEST_FIELD ? undefined : value;
}

const LONGEST_FIELD = 300;
