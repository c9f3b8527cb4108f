import { BulwarkError } from '../../core/errors.ts';
import type { OutboxRecord, OutboxStore } from '../ports/mail.ts';

/** Mails that wait to be sent, in the memory of this process. What waits when it ends is lost. */
export class MemoryOutbox implements OutboxStore {
  /** By id, in the order in which they came. */
  readonly #mails = new Map<string, OutboxRecord>();

  put(mail: OutboxRecord): void {
    if (this.#mails.has(mail.id)) {
      throw new BulwarkError('ERR_BULWARK_STORE', 'A mail with this id is stored already.');
    }
    this.#mails.set(mail.id, { ...mail });
  }

  claim(now: number, until: number, limit: number): readonly OutboxRecord[] {
    const claimed: OutboxRecord[] = [];
    for (const mail of this.#mails.values()) {
      if (claimed.length >= limit) break;
      if (mail.heldUntil > now) continue;
      const held = { ...mail, heldUntil: until, tries: mail.tries + 1 };
      this.#mails.set(mail.id, held);
      claimed.push(held);
    }
    return claimed;
  }

  hold(id: string, seen: number, until: number, tries: number): boolean {
    const mail = this.#mails.get(id);
    if (mail?.heldUntil !== seen) return false;
    this.#mails.set(id, { ...mail, heldUntil: until, tries });
    return true;
  }

  remove(id: string): boolean {
    return this.#mails.delete(id);
  }

  count(): number {
    return this.#mails.size;
  }
}
