/** An archive of nothing, packed deeper than any scanner looks: one that calls it good says so of everything that it did not see. */
import { crc32 } from 'node:zlib';

/** `MaxRecursion` of clamd is 100 at most. */
const DEPTH = 102;

/** A few thousand bytes. */
export function deepArchive(): Buffer {
  let bytes: Buffer = Buffer.from('a');
  for (let depth = 0; depth < DEPTH; depth += 1) bytes = archiveOf(bytes);
  return bytes;
}

function archiveOf(content: Buffer): Buffer {
  const name = Buffer.from('a.zip');
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(20, 0);
  entry.writeUInt32LE(crc32(content), 10);
  entry.writeUInt32LE(content.length, 14);
  entry.writeUInt32LE(content.length, 18);
  entry.writeUInt16LE(name.length, 22);
  const head = Buffer.concat([Buffer.from('PK\u0003\u0004'), entry, name]);
  const line = Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), entry, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(line.length, 12);
  end.writeUInt32LE(head.length + content.length, 16);
  return Buffer.concat([head, content, line, end]);
}
