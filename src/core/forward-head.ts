/** The head of a request as an upstream will get it, while guards strip it of what is theirs and add what they hand on. */
import { type HeaderKey, headerKey, HeaderLine } from './header-line.ts';

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
  const key = headerKey(name);
  return isPlain(key) ? key : (key.replace(/[^a-z0-9]/g, '-') as HeaderKey);
}

/** Letters, digits and dashes of a name in lower case: nearly every one. */
function isPlain(key: string): boolean {
  for (let index = 0; index < key.length; index += 1) {
    const code = key.charCodeAt(index);
    if (!((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === DASH)) return false;
  }
  return true;
}

const DASH = 0x2d;

interface Line {
  readonly name: string;
  readonly key: HeaderKey;
  readonly folded: HeaderKey;
  readonly value: string;
}

/** A head of lines. Each name is folded once, and each change is one walk through them: linear, whatever is sent. */
export class ForwardLines implements ForwardHead {
  #lines: Line[] = [];

  /** @param rawHeaders - names and values in turn, as they came */
  constructor(rawHeaders: readonly string[]) {
    for (let index = 0; index < rawHeaders.length; index += 2)
      this.#add(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }

  /** Names and values in turn, as a client writes them. */
  get rawHeaders(): readonly string[] {
    return this.#lines.flatMap(({ name, value }) => [name, value]);
  }

  get(name: HeaderKey): string | undefined {
    let found: string | undefined;
    for (const { key, value } of this.#lines) {
      if (key !== name) continue;
      found = found === undefined ? value : found + (name === 'cookie' ? '; ' : ', ') + value;
    }
    return found;
  }

  has(name: HeaderKey): boolean {
    const wanted = foldName(name);
    for (const { folded } of this.#lines) if (folded === wanted) return true;
    return false;
  }

  hasFamily(prefix: HeaderKey): boolean {
    for (const { folded } of this.#lines) if (folded.startsWith(prefix)) return true;
    return false;
  }

  /** @throws RangeError where name or value cannot stand in a head */
  set(name: string, value: string): void {
    // Looked through before anything is taken away: a line end in a value would start another header.
    HeaderLine.of(name, value);
    this.remove(headerKey(name));
    this.#add(name, value);
  }

  remove(name: HeaderKey): void {
    const unwanted = foldName(name);
    if (this.has(unwanted)) this.#lines = this.#lines.filter(({ folded }) => folded !== unwanted);
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    for (const { folded } of this.#lines) {
      if (!names.has(folded)) continue;
      this.#lines = this.#lines.filter((line) => !names.has(line.folded));
      return;
    }
  }

  removeFamily(prefix: HeaderKey): void {
    if (this.hasFamily(prefix)) this.#lines = this.#lines.filter(({ folded }) => !folded.startsWith(prefix));
  }

  #add(name: string, value: string): void {
    this.#lines.push({ name, key: headerKey(name), folded: foldName(name), value });
  }
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
