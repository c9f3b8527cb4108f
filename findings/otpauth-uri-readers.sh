#!/usr/bin/env bash
# Guess: readers of otpauth URIs agree on the usual ones: `+` in a query is a blank, the algorithm's case does not count,
# 16 letters of base32 are a secret.
# Seen: pyotp refuses `algorithm=sha256`, npm's otpauth reads SHA-256. `issuer=My+Firm` is "My Firm" for pyotp, "My+Firm"
# for otpauth. pyotp 2.12 refuses secrets under 112 bits, which 16 letters (80 bits, long the usual length) are. A colon
# written as %3A in the label parts issuer and name for otpauth; for pyotp the whole label is the name.
# Versions: pyotp 2.12.0, otpauth 9.5.2 (npm); Node 24, Python 3.11. Seen on 2026-11-29.
# Why it matters: a URI for authenticator apps wants SHA1 in capitals (or no algorithm), %20 for a blank, a plain colon and
# 160 bits, as Bulwark's has; secrets that are moved here from an old application may be of 80 bits.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with pyotp==2.12.0
npm install --silent --no-audit --no-fund --ignore-scripts otpauth@9.5.2 @noble/hashes@2.4.0

cat >uris <<'URIS'
otpauth://totp/My%20Firm:ann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=My%20Firm&algorithm=SHA256
otpauth://totp/My%20Firm:ann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=My%20Firm&algorithm=sha256
otpauth://totp/My%20Firm:ann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=My+Firm
otpauth://totp/My%20Firm%3Aann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=My%20Firm
otpauth://totp/My%20Firm:ann@example.com?secret=JBSWY3DPEHPK3PXP&issuer=My%20Firm
URIS

cat >python.py <<'PY'
import pyotp

for uri in open("uris"):
    try:
        totp = pyotp.parse_uri(uri.strip())
        print(totp.issuer, totp.name, totp.digest().name.upper(), sep=" | ")
    except ValueError:
        print("refused")
PY
cat >node.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { URI } from 'otpauth';

for (const uri of readFileSync('uris', 'utf8').trim().split('\n')) {
  const { issuer, label, algorithm } = URI.parse(uri);
  console.log([issuer, label, algorithm].join(' | '));
}
JS
# says NAME, with what was read on standard input and what is stated in NAME.stated
says() {
  sed "s/^/$1: /" | tee "$1.seen"
  sed "s/^/$1: /" "$1.stated" | diff - "$1.seen" || fail "$1: the find states the lines marked <"
}
cat >pyotp.stated <<'END'
My Firm | ann@example.com | SHA256
refused
My Firm | ann@example.com | SHA1
My Firm | My Firm:ann@example.com | SHA1
refused
END
cat >otpauth.stated <<'END'
My Firm | ann@example.com | SHA256
My Firm | ann@example.com | SHA256
My+Firm | ann@example.com | SHA1
My Firm | ann@example.com | SHA1
My Firm | ann@example.com | SHA1
END
venv/bin/python python.py | says pyotp
node node.mjs | says otpauth
