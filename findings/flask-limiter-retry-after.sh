#!/usr/bin/env bash
# Guess: with its headers on, Flask-Limiter sends X-RateLimit-* on every answer and Retry-After on a 429 alone.
# Seen: Retry-After is on every answer of a limited route, the first 200 too, and says when the window ends; the 429 has
# the same. Pages that are exempt, and 404s, have none of the headers. X-RateLimit-Reset is a time since 1970, not
# seconds to wait.
# Versions: Flask-Limiter 4.1.1, limits 5.8.0, Flask 3.1.3; Python 3.11. Seen on 2026-11-29.
# Why it matters: who tells a client that is held back by Retry-After (a gateway that watches sign-ins, a check that stops
# at the first refusal, a crawler that is polite) stops at the first good page. Go by the status.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with blinker==1.9.0 click==8.5.1 deprecated==1.3.1 flask==3.1.3 flask-limiter==4.1.1 itsdangerous==2.2.0 \
  jinja2==3.1.6 limits==5.8.0 markupsafe==3.0.4 ordered-set==4.1.0 packaging==26.4 typing-extensions==4.16.0 \
  werkzeug==3.1.9 wrapt==2.5.2

cat >run.py <<'PY'
import time

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from servers import expect

app = Flask(__name__)
limiter = Limiter(
    get_remote_address, app=app, headers_enabled=True, storage_uri="memory://", default_limits=["2/hour"]
)


@app.get("/")
def page():
    return "hello"


@app.get("/exempt")
@limiter.exempt
def exempt():
    return "hello"


client = app.test_client()


def told(path):
    answer = client.get(path)
    wait = int(answer.headers.get("Retry-After", -1))
    reset = int(answer.headers.get("X-RateLimit-Reset", -1))
    left = answer.headers.get("X-RateLimit-Remaining")
    return answer.status_code, left, 3500 < wait <= 3601, reset > time.time()


said = "status, remaining, an hour in Retry-After, a time in X-RateLimit-Reset"
expect(f"first ({said})", told("/"), (200, "1", True, True))
expect("second", told("/"), (200, "0", True, True))
expect("third", told("/"), (429, "0", True, True))
expect("exempt", told("/exempt"), (200, None, False, False))
expect("not found", told("/none"), (404, None, False, False))
PY
venv/bin/python run.py
