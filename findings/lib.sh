# Sourced by every find: a temporary folder that is removed at the end, and a Python environment of pinned packages.
set -euo pipefail

finds=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export PYTHONPATH="$finds:$work" PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore

# python_with NAME==VERSION ...: every package is named, those that others ask for too, so that none of them moves.
python_with() {
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check --no-deps "$@"
}

# fail TEXT: ends the run where the behaviour is not the stated one.
fail() {
  echo "CHANGED: $*" >&2
  exit 1
}
