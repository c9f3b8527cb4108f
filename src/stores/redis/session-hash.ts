/** A session as the fields of a hash. What never changes is one text, so that a reader asks for few fields. */
import type { SessionRecord } from '../ports/sessions.ts';
import { strangeReply } from './redis-line.ts';

/** The field that keeps a session from being found until it is let in. */
export const WAITING = 'w';

const NO_ROLES: readonly string[] = Object.freeze([]);

type Fixed = readonly [
  account: string | null,
  roles: readonly string[],
  createdAt: number,
  signedInAt: number | null,
  mfaAt: number | null,
  expiresAt: number,
  idleMs: number,
  address: string,
  userAgent: string,
];

/** Fields and values in turn. */
export function fieldsOf(record: SessionRecord, accountTag: string): readonly (string | number)[] {
  const fixed: Fixed = [
    record.account ?? null,
    record.roles,
    record.createdAt,
    record.signedInAt ?? null,
    record.mfaAt ?? null,
    record.expiresAt,
    record.idleMs,
    record.address,
    record.userAgent,
  ];
  return [
    ...['j', JSON.stringify(fixed), 't', accountTag, 'u', record.seenAt, 'x', record.expiresAt],
    ...['l', record.idleMs, 'v', record.version, 'd', record.data],
    ...(record.device === undefined ? [] : ['k', record.device]),
  ];
}

/**
 * The session in the reply of a script that found one.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where the reply is none of ours
 */
export function readRecord(idHash: string, reply: unknown): SessionRecord | undefined {
  if (reply === null) return undefined;
  const [text, seenAt, version, data, device] = reply as readonly unknown[];
  if (typeof text !== 'string' || typeof data !== 'string') throw strangeReply();
  const [account, roles, createdAt, signedInAt, mfaAt, expiresAt, idleMs, address, userAgent] = JSON.parse(
    text,
  ) as Fixed;
  return {
    idHash,
    account: account ?? undefined,
    // Kept by the near cache, and seen by every handler of the session.
    roles: roles.length === 0 ? NO_ROLES : Object.freeze(roles),
    createdAt,
    signedInAt: signedInAt ?? undefined,
    mfaAt: mfaAt ?? undefined,
    seenAt: Number(seenAt),
    expiresAt,
    idleMs,
    version: Number(version),
    data,
    address,
    userAgent,
    device: typeof device === 'string' ? device : undefined,
  };
}
