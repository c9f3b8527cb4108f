/**
 * Events of security. The core knows none by name: each room declares those it writes, in its `*.events.ts`, and
 * `policy/controls.ts` collects them. Names follow the OWASP Logging Vocabulary Cheat Sheet where it has one; what it puts
 * behind a colon (`authn_login_fail:user`) is a detail of the event instead, so that logs can be searched.
 */

/** How loud an event is. */
export type EventLevel = 'info' | 'warn' | 'critical';

/**
 * What a detail is: `texts` is a list of them, `any` whatever was seen, such as an error. The rest are texts too, and say what
 * becomes of them where the log seals what is about persons (`audit.personal`): a `person` is somebody by the name that accounts
 * have, sealed under their own key; `personal` is about whom the event is about; `anyone` may name anybody, such as what was
 * searched for, and is left out.
 */
type DetailType = 'text' | 'number' | 'flag' | 'texts' | 'any' | 'person' | 'personal' | 'anyone';

/** One kind of event, as its room declares it. */
export interface EventKind {
  /** Lower-case words joined by underscores, of at most 64 characters. Several rooms may write events of one name. */
  readonly name: string;
  readonly level: EventLevel;
  /** For an operator who reads the log, in a sentence or two: what happened, and what it may mean. */
  readonly meaning: string;
  /** What an event of this kind says of what was seen. With a question mark: not always. */
  readonly details: Readonly<Record<string, DetailType | `${DetailType}?`>>;
  /** Written at most so often a second although it is critical: one fact, however many requests find out. */
  readonly bounded?: boolean;
  /** The entry holds the stack of the error in `details.error`, which is long and which only a crash needs. */
  readonly stack?: boolean;
}

/** The details that a kind of event asks for: a missing or wrongly typed one does not compile. */
export type DetailsOf<Kind extends EventKind> = Needed<Kind['details']> &
  Optional<Kind['details']> &
  (keyof Kind['details'] extends never ? Readonly<Record<string, never>> : unknown);

/** The details that an event of a kind always has. */
type Needed<Table> = {
  readonly [Name in keyof Table as Table[Name] extends `${string}?` ? never : Name]: ValueOf<Table[Name]>;
};

/** The details that are not always there: those whose type ends with a question mark. */
type Optional<Table> = {
  readonly [Name in keyof Table as Table[Name] extends `${string}?` ? Name : never]?:
    | ValueOf<Table[Name]>
    | undefined;
};

/** The type of the value that a word such as `text?` stands for. */
type ValueOf<Type> = Type extends `${infer Base}?` ? Values[Base & DetailType] : Values[Type & DetailType];

/** What each kind of detail is in TypeScript. */
interface Values {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly texts: readonly string[];
  readonly any: unknown;
  readonly person: string;
  readonly personal: string;
  readonly anyone: string;
}

/** Details whose kind is not known any more. */
export type Details = Readonly<Record<string, unknown>>;

/** One fact of security: its kind, and what was seen. Made by {@link eventOf} alone. */
export interface SecurityEvent {
  readonly kind: EventKind;
  readonly details: Details;
  /** Nowhere there: it keeps a literal, whose details nobody held to its kind, from passing for an event. */
  readonly [CHECKED]: true;
}

declare const CHECKED: unique symbol;

/** An event for a refusal to carry. Its details are for the log only, never for the answer. */
export function eventOf<Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>): SecurityEvent {
  return { kind, details } as unknown as SecurityEvent;
}

/** Writes one event to the audit log. Never throws, never waits. */
export type Audit = <Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>) => void;
