#!/usr/bin/env bash
# Guess: content_security_policy_nonce_in=['script-src'] of Flask-Talisman gives the policy a script-src with the nonce,
# made from default-src where the policy names none.
# Seen: where the policy does not name that very directive, the template prints a nonce and the header has none: no error,
# and no inline script runs. A policy that a view sets on its answer is replaced by Talisman's, a stricter one too.
# Versions: flask-talisman 1.1.0, Flask 3.1.3; Python 3.11. Seen on 2026-11-29.
# Why it matters: a check has to compare the nonce of the page with that of the header; the settings look right. And a
# gateway in front wants Talisman's policy off, or it is one of two.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with blinker==1.9.0 click==8.5.1 flask==3.1.3 flask-talisman==1.1.0 itsdangerous==2.2.0 jinja2==3.1.6 \
  markupsafe==3.0.4 werkzeug==3.1.9

cat >run.py <<'PY'
import re

from flask import Flask, make_response, render_template_string
from flask_talisman import Talisman

from servers import expect


def answer(path, policy):
    app = Flask(__name__)
    Talisman(app, content_security_policy=policy, content_security_policy_nonce_in=["script-src"])
    app.add_url_rule("/", "page", lambda: render_template_string('<script nonce="{{ csp_nonce() }}"></script>'))
    strict = lambda: make_response(("", 200, {"Content-Security-Policy": "default-src 'none'"}))
    app.add_url_rule("/strict", "strict", strict)
    got = app.test_client().get(path, base_url="https://app.example")
    return got.headers["Content-Security-Policy"], got.text


def nonces(policy):
    header, page = answer("/", policy)
    in_page = re.search('nonce="(.+?)"', page)
    return in_page is not None, in_page is not None and f"'nonce-{in_page[1]}'" in header


said = "nonce in the page, the same in the header"
expect(f"script-src is named ({said})", nonces({"default-src": "'self'", "script-src": "'self'"}), (True, True))
expect("default-src only", nonces({"default-src": "'self'"}), (True, False))
expect("default-src only, as a text", nonces("default-src 'self'"), (True, False))
expect("a view's own policy", answer("/strict", {"default-src": "'self'"})[0], "default-src 'self'")
PY
venv/bin/python run.py
