#!/usr/bin/env bash
# Guess: ZIP archives that common tools write are read whole by every reader of Node, strict ones too.
# Seen: four archives that unzip and Python's zipfile find nothing wrong with. Info-ZIP fed by a pipe writes ZIP64 records:
# refused by jszip, and by zip.js with checkAmbiguity. bsdtar into a pipe fills the archive up with zeros to 10,240 bytes:
# refused by yauzl, unzipper, and zip.js with checkAmbiguity. bsdtar of `.` names its entries `./a.txt`: an unsafe name for
# zip.js with checkAmbiguity, jszip calls them `a.txt`, the others keep the dot. Python into a pipe, ZIP64 forced, gives a 64-bit data descriptor: unzipper's streaming
# reader does not find the next entry.
# Versions: Info-ZIP zip 3.0-13+deb12u1 and libarchive 3.6.2-1+deb12u5 of Debian 12, Python 3.11; yauzl 3.4.0,
# @zip.js/zip.js 2.24.0, jszip 3.10.2, unzipper 0.12.5 on Node 24. Needs apt-get with a list of packages. Seen on
# 2026-11-29.
# Why it matters: nothing good is to be lost at an upload. Such archives come from backup scripts and pipelines; a strict
# reader needs an answer of its own for each (trailing zeros, a leading `./`, ZIP64 in small archives), and the refusal has
# to name it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
apt-get download -qq zip=3.0-13+deb12u1 libarchive-tools=3.6.2-1+deb12u5 libarchive13=3.6.2-1+deb12u5 >/dev/null 2>&1 ||
  fail "the packages of Debian 12 are not to be had"
for package in *.deb; do dpkg-deb -x "$package" debian; done
npm install --silent --no-audit --no-fund --ignore-scripts yauzl@3.4.0 @zip.js/zip.js@2.24.0 jszip@3.10.2 unzipper@0.12.5 \
  pend@1.2.0 lie@3.3.0 immediate@3.0.6 pako@1.0.11 readable-stream@2.3.8 setimmediate@1.0.5 bluebird@3.7.2 \
  duplexer2@0.1.4 fs-extra@11.3.1 graceful-fs@4.2.12 node-int64@0.4.0 jsonfile@6.2.1 universalify@2.0.1

mkdir in
for _ in $(seq 100); do printf 'hello '; done >in/a.txt
zip=$PWD/debian/usr/bin/zip
bsdtar=$PWD/debian/usr/bin/bsdtar
LD_LIBRARY_PATH=$(dirname "$(find "$PWD/debian" -name 'libarchive.so.13' | head -1)")
export LD_LIBRARY_PATH
(
  cd in
  "$zip" -q -r ../plain.zip a.txt
  "$zip" -q ../zip-from-pipe.zip - <a.txt
  "$bsdtar" --format zip -cf - a.txt >../bsdtar-to-pipe.zip
  "$bsdtar" --format zip -cf ../bsdtar-of-dot.zip .
)
unset LD_LIBRARY_PATH
python3 - <<'PY'
import io
import sys
import zipfile


class Pipe(io.RawIOBase):
    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


with open("python-to-pipe.zip", "wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:
    for name in ("a.txt", "b.txt"):
        with archive.open(name, "w", force_zip64=True) as entry:
            entry.write(b"hello " * 100)
for name in ("plain", "zip-from-pipe", "bsdtar-to-pipe", "bsdtar-of-dot", "python-to-pipe"):
    if zipfile.ZipFile(f"{name}.zip").testzip() is not None:
        sys.exit(f"CHANGED: Python's zipfile finds something wrong with {name}.zip")
PY

cat >run.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import * as zipjs from '@zip.js/zip.js';
import JSZip from 'jszip';
import unzipper from 'unzipper';
import yauzl from 'yauzl';

const readers = {
  yauzl: (bytes) =>
    new Promise((resolve, reject) => {
      const names = [];
      yauzl.fromBuffer(bytes, (error, archive) => {
        if (error) return reject(error);
        archive.on('entry', (entry) => names.push(entry.fileName));
        archive.on('end', () => resolve(names)).on('error', reject);
      });
    }),
  'zip.js': async (bytes) => {
    const reader = new zipjs.ZipReader(new zipjs.Uint8ArrayReader(new Uint8Array(bytes)), { checkAmbiguity: true });
    return (await reader.getEntries()).map((entry) => entry.filename);
  },
  jszip: async (bytes) => Object.keys((await JSZip.loadAsync(bytes)).files),
  unzipper: async (bytes) => (await unzipper.Open.buffer(bytes)).files.map((file) => file.path),
  'unzipper, streaming': async (bytes) => {
    const names = [];
    for await (const entry of Readable.from([bytes]).pipe(unzipper.Parse({ forceStream: true }))) {
      names.push(entry.path);
      await entry.buffer();
    }
    return names;
  },
};
const stated = {
  plain: {},
  'zip-from-pipe': { 'zip.js': 'refused', jszip: 'refused' },
  'bsdtar-to-pipe': { yauzl: 'refused', 'zip.js': 'refused', unzipper: 'refused' },
  'bsdtar-of-dot': { 'zip.js': 'refused', jszip: '/ a.txt' },
  'python-to-pipe': { 'unzipper, streaming': 'refused' },
};
const whole = { 'zip-from-pipe': '-', 'bsdtar-of-dot': './ ./a.txt', 'python-to-pipe': 'a.txt b.txt' };
for (const [name, exceptions] of Object.entries(stated)) {
  for (const [reader, read] of Object.entries(readers)) {
    const seen = await read(readFileSync(`${name}.zip`)).then(
      (names) => names.sort().join(' '),
      () => 'refused',
    );
    console.log(`${name}, ${reader}: ${seen}`);
    const expected = exceptions[reader] ?? whole[name] ?? 'a.txt';
    if (seen !== expected) throw new Error(`CHANGED: ${name}, ${reader}: the find states ${expected}`);
  }
}
JS
node run.mjs
