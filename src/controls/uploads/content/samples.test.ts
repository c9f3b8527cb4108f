/** Samples of two libraries that tell files by their bytes, each sent as every kind that a route may take: who is taken for what. */
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import { sampleFiles } from '../../../../test/support/real-files.ts';
import { FileFault } from './file-fault.ts';
import { FILE_KINDS, FILE_TYPES, type FileType } from './file-kinds.ts';
import { UploadSink } from './upload-sink.ts';

const MB = 1024 ** 2;

function isTaken(type: FileType, bytes: Buffer): boolean {
  const sink = new UploadSink({ types: FILE_TYPES, size: MB, files: 1, total: MB });
  try {
    sink.part({ name: 'f', filename: `sample.${FILE_KINDS[type].extensions[0] ?? ''}`, type });
    sink.data(bytes);
    sink.end();
    return true;
  } catch (error) {
    if (error instanceof FileFault) return false;
    throw error;
  }
}

/** Of those that are no text, each that is taken, and as what: a package of another program is an archive, and is one. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  'file-type/fixture-isom.mp4': ['video/mp4'],
  'file-type/fixture-isomv2.mp4': ['video/mp4'],
  'file-type/fixture-minimal.pdf': ['application/pdf'],
  'file-type/fixture-mp4v2.mp4': ['video/mp4'],
  'file-type/fixture.3mf': ['application/zip'],
  'file-type/fixture.jar': ['application/zip'],
  'file-type/fixture.zip': ['application/zip'],
  'libmagic/issue311docx': ['application/zip', 'document'],
  'libmagic/issue359xlsx': ['application/zip', 'sheet'],
  'libmagic/keyman-2': ['application/zip'],
};

/** By letters alone, and not by the decoder that the control has. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && bytes.every((byte) => byte >= 0x20 || [9, 10, 12, 13, 27].includes(byte));
}

test('v5.0.0-5.2.2 samples of file-type and libmagic are taken as what they are, and as nothing else', () => {
  const ran = { sent: 0, text: 0 };
  const taken: Record<string, readonly string[]> = {};
  for (const { name, bytes } of sampleFiles()) {
    const kinds = FILE_TYPES.filter((type) => isTaken(type, bytes));
    ran.sent += FILE_TYPES.length;
    const others = kinds.filter((type) => FILE_KINDS[type].text !== true);
    if (others.length < kinds.length) {
      assert.ok(isText(bytes), `${name} is taken for text`);
      assert.ok(!/<(?:!doctype|html|script|svg)/i.test(bytes.toString()), `${name} is a page`);
      ran.text += 1;
    }
    if (others.length > 0) taken[name] = others.map((type) => type.split('.').at(-1) ?? type);
  }
  assert.deepEqual(taken, TAKEN);
  assert.ok(ran.sent >= 158 * 13, `${ran.sent}`);
  assert.ok(ran.text >= 30, `${ran.text}`);
});
