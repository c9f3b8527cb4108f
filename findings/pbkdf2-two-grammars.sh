#!/usr/bin/env bash
# Guess: a PHC string with the name pbkdf2-sha256 is one format, whichever library wrote it.
# Seen: two formats share the name, and neither library reads the other's. The PHC one has parameters by name and plain
# base64 ($pbkdf2-sha256$i=600000$salt$hash, by @phc/pbkdf2 of npm and Rust's pbkdf2 crate); passlib's, which libpass goes
# on writing, has a bare number and `.` for `+` ($pbkdf2-sha256$29000$salt$hash). libpass raises a ValueError on the first,
# @phc/pbkdf2 an error on the second: neither says that the password is wrong, or right.
# Versions: libpass 1.9.4, @phc/pbkdf2 1.1.14; Python 3.11, Node 24. Seen on 2026-11-29.
# Why it matters: "reads every PHC string" is not true of a reader of passlib's. See docs/guides/passwords.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with libpass==1.9.4
npm install --silent --no-audit --no-fund --ignore-scripts @phc/pbkdf2@1.1.14 @phc/format@1.0.0 tsse@2.1.0

cat >run.mjs <<'JS'
import pbkdf2 from '@phc/pbkdf2';

const [, , command, hash] = process.argv;
if (command === 'hash') console.log(await pbkdf2.hash('a password of this run', { iterations: 1000, digest: 'sha256' }));
else
  try {
    console.log(await pbkdf2.verify(hash, 'a password of this run'));
  } catch {
    console.log('error');
  }
JS
cat >run.py <<'PY'
import subprocess

from passlib.hash import pbkdf2_sha256

from servers import expect

PASSWORD = "a password of this run"


def node(*words):
    return subprocess.run(["node", "run.mjs", *words], capture_output=True, text=True, check=True).stdout.strip()


def libpass(hash):
    try:
        return pbkdf2_sha256.verify(PASSWORD, hash)
    except ValueError:
        return "ValueError"


by_node, by_libpass = node("hash"), pbkdf2_sha256.using(rounds=1000).hash(PASSWORD)
expect("both begin with", {text.split("$")[1] for text in (by_node, by_libpass)}, {"pbkdf2-sha256"})
expect("then", [text.split("$")[2] for text in (by_node, by_libpass)], ["i=1000", "1000"])
expect("libpass: its own, the other", (libpass(by_libpass), libpass(by_node)), (True, "ValueError"))
expect("@phc/pbkdf2: its own, the other", (node("verify", by_node), node("verify", by_libpass)), ("true", "error"))
PY
venv/bin/python run.py
