/** Lines of a head, beside the key by which each is looked for. */
import type { HeaderKey } from './header-line.ts';

/** Two flat lists: one record a line costs more than all that is done with it. */
export class KeyedLines {
  /** Names and values in turn. */
  readonly flat: string[] = [];
  /** The key of each line. */
  readonly keys: HeaderKey[] = [];

  /** Adds a line behind the others. */
  push(key: HeaderKey, name: string, value: string): void {
    this.keys.push(key);
    this.flat.push(name, value);
  }

  /** Adds to what the first line of the key says, or a line where there is none. */
  join(key: HeaderKey, name: string, value: string, separator: string): void {
    const at = this.keys.indexOf(key);
    if (at === -1) this.push(key, name, value);
    else this.flat[2 * at + 1] = `${this.flat[2 * at + 1]}${separator}${value}`;
  }

  /** Whether any line has the key. */
  has(key: HeaderKey): boolean {
    return this.keys.includes(key);
  }

  /** Whether any key begins so. */
  hasFamily(prefix: HeaderKey): boolean {
    for (const key of this.keys) if (isOfFamily(key, prefix)) return true;
    return false;
  }

  /** Takes away the lines of a key. */
  drop(key: HeaderKey): void {
    if (this.has(key)) this.#keep((one) => one !== key);
  }

  /** As {@link drop}, of many keys in one walk. */
  dropAll(keys: ReadonlySet<HeaderKey>): void {
    for (let at = 0; at < this.keys.length; at += 1) {
      if (!keys.has(this.keys[at] ?? '')) continue;
      this.#keep((key) => !keys.has(key));
      return;
    }
  }

  /** Takes away the lines whose key begins so. */
  dropFamily(prefix: HeaderKey): void {
    if (this.hasFamily(prefix)) this.#keep((key) => !isOfFamily(key, prefix));
  }

  #keep(isWanted: (key: HeaderKey) => boolean): void {
    const { keys, flat } = this;
    let kept = 0;
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] ?? '';
      if (!isWanted(key)) continue;
      keys[kept] = key;
      flat[2 * kept] = flat[2 * at] ?? '';
      flat[2 * kept + 1] = flat[2 * at + 1] ?? '';
      kept += 1;
    }
    keys.length = kept;
    flat.length = 2 * kept;
  }
}

/** Nearly every name begins with another letter: the call is spared. */
function isOfFamily(key: HeaderKey, prefix: HeaderKey): boolean {
  return key.charCodeAt(0) === prefix.charCodeAt(0) && key.startsWith(prefix);
}
