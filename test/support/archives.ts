/** Archives by hand, so that any field of them can be wrong. */
import { crc32, deflateRawSync } from 'node:zlib';

/** One entry. What is not given is right. */
export interface MadeEntry {
  readonly name: string | Buffer;
  readonly text?: string | Buffer;
  readonly flags?: number;
  readonly method?: number;
  /** Of Unix: type and permissions. */
  readonly mode?: number;
  readonly extra?: Buffer;
  /** As the directory has it. */
  readonly size?: number;
  readonly offset?: number;
  readonly crc?: number;
  /** What the head before the entry has in their place. */
  readonly local?: {
    readonly name?: string;
    readonly method?: number;
    readonly size?: number;
    readonly crc?: number;
  };
  /** In place of the bytes, packed. */
  readonly packed?: Buffer;
  /** What stands behind them. */
  readonly behind?: Buffer;
}

/** Writes an archive. */
export function madeArchive(entries: readonly MadeEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { flags = 0, method = 8, extra = Buffer.alloc(0), local = {}, behind = Buffer.alloc(0) } = entry;
    const name = Buffer.from(entry.name as string);
    const text = Buffer.from((entry.text ?? 'x') as string);
    const packed = entry.packed ?? (method === 0 ? text : deflateRawSync(text));
    const size = entry.size ?? text.length;
    const crc = entry.crc ?? crc32(text);
    const localName = local.name === undefined ? name : Buffer.from(local.name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(flags, 6);
    head.writeUInt16LE(local.method ?? method, 8);
    head.writeUInt32LE(local.crc ?? crc, 14);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(local.size ?? size, 22);
    head.writeUInt16LE(localName.length, 26);
    head.writeUInt16LE(extra.length, 28);
    const line = Buffer.alloc(46);
    line.writeUInt32LE(0x02014b50, 0);
    line.writeUInt16LE(flags, 8);
    line.writeUInt16LE(method, 10);
    line.writeUInt32LE(crc, 16);
    line.writeUInt32LE(packed.length, 20);
    line.writeUInt32LE(size, 24);
    line.writeUInt16LE(name.length, 28);
    line.writeUInt16LE(extra.length, 30);
    line.writeUInt16LE(entry.mode ?? 0, 40);
    line.writeUInt32LE(entry.offset ?? offset, 42);
    const whole = Buffer.concat([head, localName, extra, packed, behind]);
    parts.push(whole);
    directory.push(line, name, extra);
    offset += whole.length;
  }
  const lines = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(lines.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, lines, end]);
}
