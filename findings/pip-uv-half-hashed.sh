#!/usr/bin/env bash
# Guess: pip and uv agree about a requirements file in which only some lines have hashes: both refuse it.
# Seen: pip refuses (one hash switches on the demand for all). `uv pip install` checks the hashes that are there and
# installs the rest unchecked, with exit 0; only --require-hashes makes it refuse. UV_REQUIRE_HASHES=1 does too.
# Versions: pip 26.3, uv 0.13.9. Seen on 2026-11-29.
# Why it matters: "the requirements are hashed" is a finding about every line, not about the file; and a container that
# installs by uv wants the option.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with pip==26.3 uv==0.13.9

venv/bin/pip download --quiet --no-deps --dest . itsdangerous==2.2.0
hash=$(sha256sum itsdangerous-2.2.0-*.whl | cut -d' ' -f1)
printf '%s\n' "itsdangerous==2.2.0 --hash=sha256:$hash" "blinker==1.9.0" >half.txt

# outcome COMMAND...: what became of the file.
outcome() {
  if "$@" -r half.txt >out.txt 2>&1; then echo installed; elif grep -qi 'hash' out.txt; then echo refused; else cat out.txt; fi
}
# says WHAT STATED COMMAND...
says() {
  seen=$(outcome "${@:3}")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || fail "$1: the find states $2"
}
uv=(venv/bin/uv pip install --python venv/bin/python --quiet --target)
says "pip" refused venv/bin/pip install --target by-pip
says "uv" installed "${uv[@]}" by-uv
says "uv --require-hashes" refused "${uv[@]}" by-uv-strict --require-hashes
says "uv, UV_REQUIRE_HASHES=1" refused env UV_REQUIRE_HASHES=1 "${uv[@]}" by-uv-variable
[ -d by-uv/blinker ] || fail "uv did not install the line without a hash"
