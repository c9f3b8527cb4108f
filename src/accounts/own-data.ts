/** What is kept of one account, for its owner to take along (GDPR, articles 15 and 20). */
import type { AccountRecord } from '../stores/ports/accounts.ts';
import type { AccountsContext } from './context.ts';

/** A time as ISO 8601 has it, UTC; `null` where it never was. */
type Moment = string | null;

/** Whence somebody came, and with what. */
interface Seen {
  readonly address: string;
  readonly userAgent: string;
}

/**
 * All that this layer keeps of one account, as plain JSON. Nothing of it opens anything: no hash, no secret, no id of a
 * session or token.
 */
export interface AccountData {
  readonly exportedAt: Moment;
  readonly account: {
    readonly id: string;
    readonly email: string;
    readonly roles: readonly string[];
    readonly createdAt: Moment;
    readonly hasPassword: boolean;
  };
  readonly sessions: readonly (Seen & {
    readonly createdAt: Moment;
    readonly signedInAt: Moment;
    readonly lastUsedAt: Moment;
    readonly deviceBound: boolean;
  })[];
  readonly knownBrowsers: readonly (Seen & {
    readonly name: string;
    readonly createdAt: Moment;
    readonly lastUsedAt: Moment;
  })[];
  readonly rememberedBrowsers: readonly (Seen & {
    readonly createdAt: Moment;
    readonly lastUsedAt: Moment;
    readonly expiresAt: Moment;
  })[];
  /** Where one stays signed in. */
  readonly staysSignedIn: readonly (Seen & {
    readonly createdAt: Moment;
    readonly lastUsedAt: Moment;
    readonly expiresAt: Moment;
  })[];
  readonly secondFactors: {
    readonly authenticatorApp: { readonly createdAt: Moment } | null;
    readonly recoveryCodesLeft: number;
    readonly passkeys: readonly {
      readonly name: string;
      readonly createdAt: Moment;
      readonly lastUsedAt: Moment;
    }[];
  };
  readonly linkedServices: readonly {
    readonly issuer: string;
    readonly subject: string;
    readonly label: string;
    readonly linkedAt: Moment;
    readonly lastUsedAt: Moment;
  }[];
  readonly apiTokens: readonly {
    readonly name: string;
    readonly scopes: readonly string[];
    readonly createdAt: Moment;
    readonly expiresAt: Moment;
    readonly lastUsedAt: Moment;
    readonly lastUsedFrom: string;
    /** The thumbprint of the key that it works with alone, or `'first-use'`; null: with none. */
    readonly boundTo: string | null;
  }[];
  readonly activity: readonly (Seen & {
    readonly at: Moment;
    readonly event: string;
    readonly detail: string;
  })[];
}

/** Gathers it. What an application keeps under the id of the account is its own to add. */
export async function dataOf(record: AccountRecord, context: AccountsContext): Promise<AccountData> {
  const { id } = record;
  const { store, sessions, factors, activity } = context;
  const [open, known, remembered, own, linked, tokens, lines, stays] = await Promise.all([
    sessions.list(id),
    store.knownBrowsers.list(id),
    factors.rememberedBrowsers.list(id),
    factors.overview(id),
    store.identities.list(id),
    store.apiTokens.list(id),
    activity.list(id),
    store.stays.list(id, context.clock()),
  ]);
  // Field by field: what a record gets one day is not given away unseen.
  return {
    exportedAt: momentOf(context.clock()),
    account: {
      id,
      email: record.email,
      roles: record.roles,
      createdAt: momentOf(record.createdAt),
      hasPassword: record.passwordHash !== undefined,
    },
    sessions: open.map((one) => ({
      address: one.address,
      userAgent: one.userAgent,
      createdAt: momentOf(one.createdAt),
      signedInAt: momentOf(one.signedInAt),
      lastUsedAt: momentOf(one.seenAt),
      deviceBound: one.deviceBound,
    })),
    knownBrowsers: known.map((one) => ({
      name: one.name,
      address: one.address,
      userAgent: one.userAgent,
      createdAt: momentOf(one.createdAt),
      lastUsedAt: momentOf(one.seenAt),
    })),
    rememberedBrowsers: remembered.map((one) => ({
      address: one.address,
      userAgent: one.userAgent,
      createdAt: momentOf(one.createdAt),
      lastUsedAt: momentOf(one.usedAt),
      expiresAt: momentOf(one.expiresAt),
    })),
    staysSignedIn: stays.map((one) => ({
      address: one.address,
      userAgent: one.userAgent,
      createdAt: momentOf(one.createdAt),
      lastUsedAt: momentOf(one.usedAt),
      expiresAt: momentOf(one.expiresAt),
    })),
    secondFactors: {
      authenticatorApp: own.totp === undefined ? null : { createdAt: momentOf(own.totp.confirmedAt) },
      recoveryCodesLeft: own.recoveryCodesLeft,
      passkeys: own.passkeys.map(({ name, createdAt, usedAt }) => ({
        name,
        createdAt: momentOf(createdAt),
        lastUsedAt: momentOf(usedAt),
      })),
    },
    linkedServices: linked.map(({ issuer, subject, label, linkedAt, usedAt }) => ({
      issuer,
      subject,
      label,
      linkedAt: momentOf(linkedAt),
      lastUsedAt: momentOf(usedAt),
    })),
    apiTokens: tokens.map(({ name, scopes, createdAt, expiresAt, usedAt, usedFrom, jkt }) => ({
      name,
      scopes,
      createdAt: momentOf(createdAt),
      expiresAt: momentOf(expiresAt),
      lastUsedAt: momentOf(usedAt),
      lastUsedFrom: usedFrom,
      boundTo: jkt ?? null,
    })),
    activity: lines.map((line) => ({
      address: line.address,
      userAgent: line.userAgent,
      at: momentOf(line.at),
      event: line.event,
      detail: line.detail,
    })),
  };
}

function momentOf(ms: number | undefined): Moment {
  return ms === undefined ? null : new Date(ms).toISOString();
}
