#!/usr/bin/env bash
# Guess: sarif-tools, the Python reader of SARIF for builds, counts what SARIF calls an open result: not those that are
# suppressed or gone since the baseline; and takes the three ways in which a result may name its rule.
# Seen: results with an accepted suppression, and results whose baselineState is `absent`, count as errors, and
# `sarif --check error` ends with 1. A result that names its rule by ruleIndex or by rule.id, without ruleId, is a KeyError.
# kind `pass` is counted as `none`; a level that only the rule's defaults give is found.
# Versions: sarif-tools 3.0.5. Seen on 2026-11-29.
# Why it matters: what Bulwark's waivers and baselines leave out must not be in the SARIF that a build judges by such a
# reader; and every result wants its ruleId, though the format does not ask for it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with contourpy==1.3.3 cycler==0.12.1 fonttools==4.68.0 jinja2==3.1.6 jsonpath-ng==1.16.0 kiwisolver==1.5.1 \
  lxml==6.1.3 markupsafe==3.0.4 matplotlib==3.11.2 numpy==2.4.6 packaging==26.4 pillow==13.0.0 pyparsing==3.3.3 \
  python-dateutil==4.0.0 python-docx==1.2.0 pyyaml==6.0.4 sarif-tools==3.0.5 six==1.17.0 typing-extensions==4.16.0

cat >run.py <<'PY'
import json
import subprocess

from servers import BIN, expect

place = {"physicalLocation": {"artifactLocation": {"uri": "app.py"}, "region": {"startLine": 1}}}
rules = [{"id": "R"}, {"id": "D", "defaultConfiguration": {"level": "error"}}]


def judged(**result):
    result = {"message": {"text": "told"}, "locations": [place], **result}
    run = {"tool": {"driver": {"name": "check", "rules": rules}}, "results": [result]}
    with open("run.sarif", "w") as out:
        json.dump({"version": "2.1.0", "runs": [run]}, out)
    done = subprocess.run([f"{BIN}/sarif", "--check", "error", "summary", "run.sarif"], capture_output=True, text=True)
    if "KeyError: 'ruleId'" in done.stderr:
        return "KeyError"
    return {0: "passes", 1: "fails"}[done.returncode]


expect("an error", judged(ruleId="R", level="error"), "fails")
suppressed = [{"kind": "external", "status": "accepted", "justification": "until March"}]
expect("suppressed", judged(ruleId="R", level="error", suppressions=suppressed), "fails")
expect("absent", judged(ruleId="R", level="error", baselineState="absent"), "fails")
expect("kind pass", judged(ruleId="R", kind="pass"), "passes")
expect("level by the rule", judged(ruleId="D"), "fails")
expect("ruleIndex alone", judged(ruleIndex=0, level="warning"), "KeyError")
expect("rule.id alone", judged(rule={"id": "R"}, level="warning"), "KeyError")
PY
venv/bin/python run.py
