/** What guards add to a head, until it is written out. */
import type { HeaderBlock, HeaderLine } from '../core/header-line.ts';

/** The lines that guards add to a head. */
export class AddedLines {
  #lines: HeaderLine[] = [];
  #block: HeaderBlock | undefined = undefined;

  /** All of them, one by one. */
  get all(): readonly HeaderLine[] {
    return this.#block === undefined ? this.#lines : [...this.#lines, ...this.#block.lines];
  }

  /** As they go over the wire. */
  get text(): string {
    let text = '';
    for (const line of this.#lines) text += line.text;
    return this.#block === undefined ? text : text + this.#block.text;
  }

  /** Adds one. */
  push(line: HeaderLine): void {
    this.#lines.push(line);
  }

  /** Adds a block, where none of its names is there. */
  pushBlock(block: HeaderBlock): boolean {
    if (this.#block !== undefined) return false;
    for (const { key } of this.#lines) if (block.keys.has(key)) return false;
    this.#block = block;
    return true;
  }

  /** The one of a name. */
  find(key: string): HeaderLine | undefined {
    return findLine(this.#lines, key) ?? (this.#block && findLine(this.#block.lines, key));
  }

  /** Takes lines away. */
  keep(isWanted: (line: HeaderLine) => boolean): void {
    this.#lines = this.all.filter(isWanted);
    this.#block = undefined;
  }
}

function findLine(added: readonly HeaderLine[], key: string): HeaderLine | undefined {
  for (let index = 0; index < added.length; index += 1) if (added[index]?.key === key) return added[index];
  return undefined;
}
