/** What the process over the workers and a worker say to each other. */
import type { Place } from '../options/listen-address.ts';
import type { DrainSettings } from '../options/running.options.ts';
import type { Figures } from './figures.ts';

/** What the first worker has found in the policy, for the process over it. */
export interface Started {
  readonly kind: 'started';
  /** What a person is told of it. */
  readonly screen: string;
  readonly workers: number;
  readonly management: Place | undefined;
  readonly drain: DrainSettings;
  /** Whether another process would know nothing of its sessions. */
  readonly isAlone: boolean;
}

/** A worker says. */
export type FromWorker =
  | Started
  | { readonly kind: 'figures'; readonly question: number; readonly figures: Figures }
  /** What it has done, as it ends. */
  | { readonly kind: 'last'; readonly figures: Figures };

/** A worker is told. */
export type ToWorker =
  | { readonly kind: 'figures'; readonly question: number }
  /** Takes no new connections, and ends with the last that is open. */
  | { readonly kind: 'retire' }
  /** Takes no new connections, and ends with what is under way, or after so many milliseconds. */
  | { readonly kind: 'end'; readonly limit: number }
  /** Writes to the log that a new policy was refused. */
  | { readonly kind: 'refused'; readonly reason: string };
