#!/usr/bin/env bash
# Guess: bandit reads [tool.bandit] of the pyproject.toml, or a .bandit file, of the folder that it is started in.
# Seen: pyproject.toml is read with -c alone. A .bandit file is read where bandit walks a folder (-r) and not where it is
# given files, as a pre-commit hook does; and its `exclude = tests` leaves nothing out, since paths are compared as they
# were written: `./tests` works for `-r .`, and no longer for `-r "$PWD"`.
# Versions: bandit 1.9.4. Seen on 2026-11-29.
# Why it matters: bandit's count on one project differs by how it is called. A comparison with it has to say the command,
# and a report of bandit that is read in cannot be held against the project's settings.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with bandit==1.9.4 markdown-it-py==4.3.0 mdurl==0.1.2 pygments==2.21.0 pyyaml==6.0.4 rich==15.0.0 stevedore==5.10.0

mkdir -p project/src project/tests
cd project
echo 'assert len("a") == 1' | tee src/app.py >tests/test_app.py

# found WHAT STATED ARGUMENTS...: the files with a finding.
found() {
  seen=$(../venv/bin/bandit --quiet --format json "${@:3}" 2>/dev/null |
    ../venv/bin/python -c 'import json, os, sys
print(*sorted(os.path.basename(r["filename"]) for r in json.load(sys.stdin)["results"]))') || true
  echo "$1: ${seen:-nothing}"
  [ "$seen" = "$2" ] || fail "$1: the find states '$2'"
}
printf '[tool.bandit]\nskips = ["B101"]\n' >pyproject.toml
found "pyproject.toml" "app.py test_app.py" -r .
found "pyproject.toml, -c" "" -r . -c pyproject.toml
rm pyproject.toml
printf '[bandit]\nskips = B101\n' >.bandit
found ".bandit, a folder" "" -r .
found ".bandit, a file" "app.py" src/app.py
printf '[bandit]\nexclude = tests\n' >.bandit
found ".bandit, exclude = tests" "app.py test_app.py" -r .
printf '[bandit]\nexclude = ./tests\n' >.bandit
found ".bandit, exclude = ./tests" "app.py" -r .
found ".bandit, exclude = ./tests, an absolute folder" "app.py test_app.py" -r "$PWD"
