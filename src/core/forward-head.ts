/** The head of a request as an upstream will get it, while guards strip it of what is theirs and add what they hand on. */
import { byName, unique } from './by-name.ts';
import { assertLine, type HeaderKey, headerKey } from './header-line.ts';
import { KeyedLines } from './keyed-lines.ts';

/**
 * Names are taken away as the strictest upstream reads them: CGI, WSGI and PHP make one variable of `X-Real-IP` and
 * `X_Real.IP`, so what is removed or set under one spelling is gone under all.
 */
export interface ForwardHead {
  /** What stands under this very name: lines joined as RFC 9110 5.3 and RFC 6265 5.4 have it. */
  get(name: HeaderKey): string | undefined;
  /** Whether anything stands under the name, in any spelling. */
  has(name: HeaderKey): boolean;
  /** Whether anything stands under a name that begins so, in any spelling. */
  hasFamily(prefix: HeaderKey): boolean;
  /** Says this under the name, and nothing else in any spelling of it. */
  set(name: string, value: string): void;
  /** Takes away what stands under the name, in every spelling. */
  remove(name: HeaderKey): void;
  /** As {@link remove}, of many names in one walk. */
  removeAll(names: ReadonlySet<HeaderKey>): void;
  /** Takes away what stands under any name that begins so, in every spelling. */
  removeFamily(prefix: HeaderKey): void;
}

/** A name as the strictest folder sees it: lower case, everything but letters and digits a dash. */
export function foldName(name: string): HeaderKey {
  return foldedOf(name);
}

const foldedOf = byName((name) => {
  const key = headerKey(name);
  return isPlain(key) ? key : unique(key.replace(/[^a-z0-9]/g, '-') as HeaderKey);
});

/** Letters, digits and dashes of a name in lower case: nearly every one. */
function isPlain(key: string): boolean {
  for (let index = 0; index < key.length; index += 1) {
    const code = key.charCodeAt(index);
    if (!((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === DASH)) return false;
  }
  return true;
}

const DASH = 0x2d;

/** A head of lines. Each name is folded once, and each change is one walk through them: linear, whatever is sent. */
export class ForwardLines implements ForwardHead {
  readonly #lines = new KeyedLines();

  /** @param rawHeaders - names and values in turn, as they came */
  constructor(rawHeaders: readonly string[] = []) {
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] ?? '';
      this.#lines.push(foldName(name), name, rawHeaders[at + 1] ?? '');
    }
  }

  /**
   * Adds what a line says to those of its name, as the guards have read them: of two lines some servers take the first, some
   * the last, some join them with a comma that belongs into no cookie.
   *
   * @param folded - the name as {@link foldName} has it
   */
  join(folded: HeaderKey, name: string, value: string): void {
    this.#lines.join(folded, name, value, separatorOf(folded));
  }

  /** Names and values in turn, as a client writes them. */
  get rawHeaders(): readonly string[] {
    return this.#lines.flat;
  }

  get(name: HeaderKey): string | undefined {
    const { keys, flat } = this.#lines;
    const wanted = foldName(name);
    let found: string | undefined;
    for (let at = 0; at < keys.length; at += 1) {
      if (keys[at] !== wanted || headerKey(flat[2 * at] ?? '') !== name) continue;
      const value = flat[2 * at + 1] ?? '';
      found = found === undefined ? value : found + separatorOf(name) + value;
    }
    return found;
  }

  has(name: HeaderKey): boolean {
    return this.#lines.has(foldName(name));
  }

  hasFamily(prefix: HeaderKey): boolean {
    return this.#lines.hasFamily(prefix);
  }

  /** @throws RangeError where name or value cannot stand in a head */
  set(name: string, value: string): void {
    // Looked through before anything is taken away: a line end in a value would start another header.
    assertLine(name, value);
    const folded = foldName(name);
    this.#lines.drop(folded);
    this.#lines.push(folded, name, value);
  }

  remove(name: HeaderKey): void {
    this.#lines.drop(foldName(name));
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    this.#lines.dropAll(names);
  }

  removeFamily(prefix: HeaderKey): void {
    this.#lines.dropFamily(prefix);
  }
}

/** RFC 9110 5.3, RFC 6265 5.4. */
function separatorOf(name: HeaderKey): string {
  return name === 'cookie' ? '; ' : ', ';
}

/** A Cookie header without some cookies; undefined where nothing is left of it. Names are compared without case. */
export function withoutCookies(header: string, names: ReadonlySet<string>): string | undefined {
  const kept = header.split(';').filter((pair) => {
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    return !names.has(name.trim().toLowerCase());
  });
  const text = kept.join(';').trim();
  return text === '' ? undefined : text;
}
