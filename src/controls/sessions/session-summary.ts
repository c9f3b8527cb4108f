/** Sessions as lists show them. */
import type { SessionRecord } from '../../stores/ports/sessions.ts';
import { browserOf, stayOf } from './session-stay.ts';

/** A session in a list of devices: nothing of what the application stored in it. Times are milliseconds since 1970. */
export interface SessionSummary {
  readonly idHash: string;
  readonly createdAt: number;
  readonly signedInAt: number | undefined;
  readonly seenAt: number;
  readonly address: string;
  readonly userAgent: string;
  /** Whether it is bound to the device that it began on: its cookie opens nothing elsewhere. */
  readonly deviceBound: boolean;
  /** Which browser that stays signed in it is of, where it is of one: another session begins by itself when it is over. */
  readonly stay?: string;
  /** What its account knows the browser by, where accounts of this layer noted it. Opens nothing. */
  readonly browser?: string;
}

/** Of a stored one. */
export function summaryOf(record: SessionRecord): SessionSummary {
  const { idHash, createdAt, signedInAt, seenAt, address, userAgent, device, data } = record;
  const deviceBound = device !== undefined;
  const stay = stayOf(data);
  const browser = browserOf(data);
  return {
    ...{ idHash, createdAt, signedInAt, seenAt, address, userAgent, deviceBound },
    ...(stay !== undefined && { stay }),
    ...(browser !== undefined && { browser }),
  };
}
