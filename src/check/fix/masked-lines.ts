/** Lines of a file for a diff that is printed: a log of a build keeps it, and whoever reads that was never to have the keys beside a fix. */
import { maskWhole, MOST_MASKED, speaksOfSecret } from '../source/mask-secrets.ts';
import { keysIn } from '../source/secrets/key-formats.ts';
import { maskedKey } from '../source/secrets/masked.ts';
import { privateKeysIn } from '../source/secrets/verify-keys.ts';

/** Controls but for tabs, and the marks that turn the direction of writing: a line must not write on a terminal. */
const UNSEEN = /[^\P{Cc}\t]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Something goes on below: a bracket or a text that is open, a block of YAML, a line that is continued. */
const GOES_ON = /(?:[([{=:,\\+]|[:=]\s*[|>][+-]?\d?)\s*(?:#.*)?$/;
const LONG_TEXT = /"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|`(?:\\[^]|[^`\\])*(?:`|$)/g;

/** What begins a block of code: its lines are no value of a name in it. */
const BEGINS_CODE =
  /^\s*(?:(?:async|export|default|static)\s+)*(?:def|class|if|elif|else|for|while|with|try|except|function|switch)\b/;

/** Masks lines of one file, and counts those that are not as they stand. */
export class MaskedLines {
  #count = 0;
  readonly #secret = new Set<string>();
  readonly #keys: readonly string[];

  constructor(text: string) {
    this.#keys = [...new Set(keysIn(text).map(({ key }) => key))];
    for (const { text: key } of privateKeysIn(text)) this.#note(key);
    for (const { 0: long, index } of text.matchAll(LONG_TEXT)) {
      const line = text.slice(text.lastIndexOf('\n', index - 1) + 1, index);
      if (long.includes('\n') && speaksOfSecret(line)) this.#note(long);
    }
    this.#noteBelow(text);
  }

  get count(): number {
    return this.#count;
  }

  /** A line with its end, as it may be shown. */
  shown(line: string): string {
    const body = line.replace(/\r?\n$/, '');
    const masked = this.#masked(body);
    if (masked === body) return line;
    this.#count += 1;
    return masked + (line.endsWith('\n') ? '\n' : '');
  }

  #masked(body: string): string {
    const indent = /^[ \t]*/.exec(body)?.[0] ?? '';
    if (body.length > MOST_MASKED || this.#secret.has(body.trim())) return `${indent}...`;
    let line = body.replaceAll(UNSEEN, ' ');
    for (const key of this.#keys) line = line.replaceAll(key, maskedKey(key));
    return maskWhole(line);
  }

  #note(lines: string): void {
    for (const line of lines.split('\n')) if (line.trim() !== '') this.#secret.add(line.trim());
  }

  /** What is written below the name of a secret, moved in: `SECRET_KEY = (`, `password: |`. */
  #noteBelow(text: string): void {
    let within: number | undefined;
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      const indent = line.search(/\S/);
      if (within !== undefined && indent > within) {
        // Names and brackets alone say nothing.
        if (!/^[\s()[\]{},]*$/.test(line)) this.#secret.add(line.trim());
        continue;
      }
      within = speaksOfSecret(line) && GOES_ON.test(line) && !BEGINS_CODE.test(line) ? indent : undefined;
    }
  }
}
