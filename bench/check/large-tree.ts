/** A tree of two gigabytes in 100,000 files, each of them made here: what a check keeps of each is what its memory comes to. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What was made. */
export interface LargeTree {
  readonly files: number;
  readonly bytes: number;
  /** In words. */
  readonly of: string;
}

const KINDS = [
  { name: 'Python', count: 12_000, file: 'module.py', text: python },
  { name: 'JavaScript', count: 6000, file: 'module.js', text: javascript },
  { name: 'templates', count: 4000, file: 'page.html', text: page },
  { name: 'small texts', count: 74_000, file: 'notes.txt', text: notes },
  { name: 'binary files', count: 4000, file: 'image.bin', text: image },
] as const;

const BLOB = Buffer.alloc(480_000, 'bulwark\0');

/** Makes it below a folder. */
export function makeLargeTree(root: string): LargeTree {
  let [files, bytes] = [0, 0];
  for (const { count, file, text } of KINDS)
    for (let at = 0; at < count; at += 1) {
      const folder = join(root, `part${at % 100}`, `room${Math.floor(at / 100)}`);
      mkdirSync(folder, { recursive: true });
      const content = text(at);
      files += 1;
      bytes += content.length;
      writeFileSync(join(folder, file), content);
    }
  return { files, bytes, of: KINDS.map(({ name, count }) => `${count} ${name}`).join(', ') };
}

/** Half of the modules have a handler, and hand on what was sent to the next. */
function python(at: number): string {
  const functions = Array.from(
    { length: 16 },
    (_, place) =>
      `def work_${place}(text, more=None):\n    """Works on a text: ${'words and more '.repeat(6)}"""\n    parts = [one.strip() for one in text.split(',') if one]\n    return {'parts': parts, 'more': more or len(parts) + ${place}}\n`,
  ).join('\n\n');
  const handler =
    at % 2 === 0
      ? `from flask import Blueprint, request\n\npages = Blueprint('p${at}', __name__)\n\n\n@pages.get('/p${at}')\ndef show():\n    return work_1(request.args.get('q', ''))\n`
      : 'import os\n';
  return `${handler}\n\n${functions}`;
}

function javascript(at: number): string {
  return `import express from 'express';\nexport const router = express.Router();\nrouter.get('/j${at}', (req, res) => res.json(work0(req.query.q)));\n${Array.from({ length: 20 }, (_, place) => `export function work${place}(text) {\n  return String(text).split(',').map((one) => one.trim()).filter((one) => one.length > ${place});\n}\n`).join('\n')}`;
}

function page(at: number): string {
  return `<html><body>\n${`<p>{{ name }} and <a href="/p${at}">more</a></p>\n`.repeat(20)}</body></html>\n`;
}

function notes(at: number): string {
  return `Notes ${at}\n${'Nothing to be seen here, and a few words more.\n'.repeat(4)}`;
}

function image(): Buffer {
  return BLOB;
}
