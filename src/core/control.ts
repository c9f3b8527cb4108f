/** What a room declares of itself, for everyone who collects it: the policy, the log, documents, the checker, key rings. */
import type { EventKind } from './events.ts';
import type { SealingPurpose, SigningPurpose } from './key-ring.ts';
import type { OptionTable } from './options.ts';
import type { ProblemType } from './problem-types.ts';
import type { Problems } from './problems.ts';
import type { Rule } from './rule.ts';

/** A section of the policy: how it is written, how it is read, and what it asks of itself as a whole. */
export interface Section<Options, Settings> {
  readonly table: OptionTable<Settings>;
  readonly check?: (settings: Settings, problems: Problems) => void;
  /** Never there: it keeps how the section is written beside how it is read. */
  readonly [WRITTEN]?: Options;
}

declare const WRITTEN: unique symbol;

/** How a section is written. */
export type OptionsOf<One> = One extends Section<infer Options, infer _Settings> ? Options : never;
/** How a section is read. */
export type SettingsOf<One> = One extends Section<infer _Options, infer Settings> ? Settings : never;

/** One room: what of it others must know. Pure data, and imported by everyone who imports a layer: nothing heavy in it. */
export interface Control<
  Sections = object,
  Events extends Readonly<Record<keyof Events, EventKind>> = object,
> {
  /** By the names that they have in a policy. */
  readonly sections?: Sections;
  /** What it tells the audit log. */
  readonly events?: Events;
  /** What it answers with, beside what every room may (core/problem-types.ts). */
  readonly problems?: Readonly<Record<string, ProblemType>>;
  readonly keys?: Readonly<Record<string, SigningPurpose | SealingPurpose>>;
  /** What its guards are called. Where they stand says layer/order.ts. */
  readonly guards?: readonly string[];
  /** What the checker tests of it. Loaded by the checker alone. */
  readonly rules?: () => Promise<readonly Rule[]>;
}
