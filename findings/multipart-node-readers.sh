#!/usr/bin/env bash
# Guess: readers of Node.js agree on forms that RFC 7578 lets be: a type is optional for a file and for a field, and a charset
# that is registered is either decoded or an error.
# Seen: a file without Content-Type is a file to busboy, multer and undici, and a field to formidable; a field that says
# `application/json` is a field to the first three and a file to formidable. A field in a charset that TextDecoder knows but
# busboy does not is there with the value `undefined` in busboy and multer, without an error (undici reads it as UTF-8).
# A type with a parameter comes whole from formidable and undici, and cut off from the others.
# Versions: busboy 1.6.0, multer 2.5.0, formidable 3.5.4, undici 8.13.1. Seen on 2026-11-30, on Node.js 24.
# Why it matters: what checks files looks in one list, and what was sent is in the other; and a field that is required is there,
# with a value that no form can have.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts busboy@1.6.0 multer@2.5.0 formidable@3.5.4 undici@8.13.1

cat >run.mjs <<'JS'
import { once } from 'node:events';
import { Readable } from 'node:stream';
import busboy from 'busboy';
import { formidable } from 'formidable';
import multer from 'multer';
import { Response } from 'undici';

const headers = { 'content-type': 'multipart/form-data; boundary=b' };
const asked = (body) => Object.assign(Readable.from([body]), { headers: { ...headers, 'content-length': String(body.length) } });
const READERS = {
  async busboy(body) {
    const seen = [];
    const parser = busboy({ headers });
    parser.on('field', (name, value) => seen.push(`field ${value}`));
    parser.on('file', (name, stream, { mimeType }) => seen.push(`file ${mimeType}`) && stream.resume());
    asked(body).pipe(parser);
    await once(parser, 'close');
    return seen;
  },
  async multer(body) {
    const request = asked(body);
    await new Promise((resolve, reject) => multer().any()(request, {}, (error) => (error ? reject(error) : resolve())));
    return [...Object.values(request.body).map((value) => `field ${value}`), ...request.files.map((file) => `file ${file.mimetype}`)];
  },
  async formidable(body) {
    const [fields, files] = await formidable({ allowEmptyFiles: true, minFileSize: 0 }).parse(asked(body));
    return [
      ...Object.values(fields).flat().map((value) => `field ${value}`),
      ...Object.values(files).flat().map((file) => `file ${file.mimetype}`),
    ];
  },
  async undici(body) {
    const form = await new Response(body, { headers }).formData();
    return [...form.values()].map((value) => (typeof value === 'string' ? `field ${value}` : `file ${value.type}`));
  },
};
const FORMS = {
  'a file without a type': ['name="a"; filename="a.txt"', '', 'x'],
  'a file with a parameter': ['name="a"; filename="a.txt"', 'text/plain; charset=utf-8', 'x'],
  'a field of JSON': ['name="a"', 'application/json', '{}'],
  'a field in Shift_JIS': ['name="a"', 'text/plain; charset=shift_jis', 'x'],
};
const STATED = {
  'a file without a type': 'busboy: file text/plain; multer: file text/plain; formidable: field x; undici: file text/plain',
  'a file with a parameter':
    'busboy: file text/plain; multer: file text/plain; formidable: file text/plain; charset=utf-8; undici: file text/plain; charset=utf-8',
  'a field of JSON': 'busboy: field {}; multer: field {}; formidable: file application/json; undici: field {}',
  'a field in Shift_JIS':
    'busboy: field undefined; multer: field undefined; formidable: file text/plain; charset=shift_jis; undici: field x',
};
let changed = false;
for (const [what, [disposition, type, data]] of Object.entries(FORMS)) {
  const line = type === '' ? '' : `Content-Type: ${type}\r\n`;
  const body = Buffer.from(`--b\r\nContent-Disposition: form-data; ${disposition}\r\n${line}\r\n${data}\r\n--b--\r\n`);
  const seen = [];
  for (const [name, read] of Object.entries(READERS)) {
    const found = await read(body).catch(() => ['error']);
    seen.push(`${name}: ${found.join(' ') || 'nothing'}`);
  }
  const said = seen.join('; ');
  console.log(`${what}\n  ${said}`);
  changed ||= said !== STATED[what];
}
if (changed) throw new Error('CHANGED: the find states otherwise');
JS
node run.mjs
