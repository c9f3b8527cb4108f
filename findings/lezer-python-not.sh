#!/usr/bin/env bash
# Guess: @lezer/python, which CodeMirror's editor and many tools read Python by, has Python's own precedence.
# Seen: `not a and b` is read as `not (a and b)`, `not a or b` as `not (a or b)`: `not` binds less than `and` and `or`. Python
# has `(not a) and b`. `-a + b` is read as it should be. Nothing in the tree marks it as an error.
# Versions: @lezer/python 1.1.19; Node 24, Python 3.11. Seen on 2026-11-30.
# Why it matters: whoever asks such a tree what a condition lets through is told the wrong thing. The check from inside did,
# of guards before a use; it reads Python itself now.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
npm install --silent --no-audit --no-fund --ignore-scripts @lezer/python@1.1.19 @lezer/common@1.5.5 @lezer/lr@1.4.12 @lezer/highlight@1.2.5

# shape TEXT WHAT: how the parser's tree begins.
shape() {
  seen=$(node --input-type=module -e '
import { parser } from "@lezer/python";
let first;
parser.parse(process.argv[1]).iterate({ enter({ name }) { if (/Expression$/.test(name)) first ??= name; } });
console.log(first);' "$1")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || fail "$1: the find states '$2'"
}
shape "x = not a and b" UnaryExpression
shape "x = not a or b" UnaryExpression
shape "x = -a + b" BinaryExpression

python3 -c '
import ast
for text in ("not a and b", "not a or b", "-a + b"):
    seen = type(ast.parse(text, mode="eval").body).__name__
    print(f"{text}: {seen} to Python")
    assert seen == ("BinOp" if "+" in text else "BoolOp"), text'
