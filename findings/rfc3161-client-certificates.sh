#!/usr/bin/env bash
# Guess: rfc3161-client, the Python reader of RFC 3161 time stamps, reads what `openssl ts -reply` makes and
# `openssl ts -verify` accepts.
# Seen: with the certificate of the signer and of its authority in the reply, it reads one reply and refuses the other, by
# the lengths of the two: OpenSSL writes the signer's first, the reader asks for the order of DER's SET OF, the shorter
# first (InvalidSetOrdering). Without certificates in the reply (no -cert in the query) there is nothing to refuse.
# Versions: rfc3161-client 1.0.9, cryptography 50.0.2; OpenSSL 3.0, Python 3.11. Seen on 2026-11-29.
# Why it matters: a time stamp that Bulwark keeps as a witness may be one that an auditor's tool cannot read. Ask without
# certificates and keep the chain beside the stamp, or try both readers.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with cffi==2.1.1 cryptography==50.0.2 pycparser==3.12 rfc3161-client==1.0.9

printf 'basicConstraints=critical,CA:true\n' >ca.ext
printf 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n' >tsa.ext
cat >tsa.cnf <<'CNF'
[tsa]
default_tsa = here
[here]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
CNF
echo 01 >serial
echo "head of a log" >data

# stamp NAME CA-SUBJECT TSA-SUBJECT QUERY-OPTION...: a reply that openssl itself verifies.
stamp() {
  openssl req -new -newkey rsa:2048 -nodes -keyout ca.key -subj "$2" -out ca.csr 2>/dev/null
  openssl x509 -req -in ca.csr -signkey ca.key -extfile ca.ext -out ca.pem -days 2 2>/dev/null
  openssl req -new -newkey rsa:2048 -nodes -keyout tsa.key -subj "$3" -out tsa.csr 2>/dev/null
  openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile tsa.ext -out tsa.pem -days 2 2>/dev/null
  openssl ts -query -data data -sha256 "${@:4}" -out query 2>/dev/null
  openssl ts -reply -queryfile query -config tsa.cnf -section here -signer tsa.pem -inkey tsa.key -chain ca.pem \
    -out "$1.tsr" 2>/dev/null
  openssl ts -verify -in "$1.tsr" -queryfile query -CAfile ca.pem -untrusted tsa.pem 2>/dev/null |
    grep -q 'Verification: OK' || fail "openssl does not verify its own reply: $1"
}
long="/O=An authority with a longer name/OU=Longer than the other/OU=By more than extensions take/OU=And then some/CN=Example"
stamp signer-shorter "$long" "/CN=T" -cert
stamp signer-longer "/CN=C" "$long" -cert
stamp none "/CN=C" "$long"

cat >run.py <<'PY'
from rfc3161_client import decode_timestamp_response

from servers import expect


def read(name):
    try:
        return decode_timestamp_response(open(f"{name}.tsr", "rb").read()).status
    except ValueError as error:
        return "InvalidSetOrdering" if "InvalidSetOrdering" in str(error) else str(error)


expect("the signer's certificate is the shorter one", read("signer-shorter"), 0)
expect("the signer's certificate is the longer one", read("signer-longer"), "InvalidSetOrdering")
expect("no certificates", read("none"), 0)
PY
venv/bin/python run.py
