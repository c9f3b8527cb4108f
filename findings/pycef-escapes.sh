#!/usr/bin/env bash
# Guess: a parser of CEF (ArcSight's Common Event Format) undoes the format's escapes: \| and \\ in the header, \=, \\ and
# \n in values.
# Seen: pycef undoes none. After a `\|` in the name all behind it is shifted: the name is empty, there is no severity, and
# the rest of the header is part of the first key. In values `\=`, `\\` and `\n` stay as they were written. Blanks in
# values, and the labels cs1Label and cs1, are read as the format says.
# Versions: pycef 1.11. Seen on 2026-11-29.
# Why it matters: escape as the format says, but keep pipes out of names and versions, and text of strangers out of the
# header, since a receiver built on such a parser loses the event's severity.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with future==1.0.0 pycef==1.11

cat >run.py <<'PY'
import pycef

from servers import expect

plain = pycef.parse("CEF:0|Bulwark|gateway|1.0|100|refused|7|msg=two words cs1Label=guard cs1=csrf check")
expect("plain", (plain["Name"], plain["Severity"], plain["msg"], plain["guard"]), ("refused", "7", "two words", "csrf check"))
values = pycef.parse(r"CEF:0|Bulwark|gateway|1.0|100|refused|7|request=/a?b\=c msg=one\ntwo suser=ann\\x")
expect(r"values", (values["request"], values["msg"], values["suser"]), (r"/a?b\=c", r"one\ntwo", r"ann\\x"))
header = pycef.parse(r"CEF:0|Bulwark|gateway|1.0|100|csrf \| origin|7|src=192.0.2.7 act=refused")
expect("header", (header["Name"], header.get("Severity"), header.get("src"), header["act"]), ("", None, None, "refused"))
expect("first key", [key for key in header if "|" in key], ["origin|7|src"])
PY
venv/bin/python run.py
