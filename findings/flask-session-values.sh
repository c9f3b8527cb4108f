#!/usr/bin/env bash
# Guess: Flask-Session keeps the values that Flask's own cookie keeps: tuples, dates, UUIDs, bytes, Markup.
# Seen: Flask's cookie keeps all of them (a date without a zone comes back in UTC). Flask-Session has
# serialisers of its own (msgpack by default, JSON by option), which change them without a word. By msgpack a tuple is a
# list, a date without a zone and a UUID are texts; a date with a zone and bytes stay. By JSON these two are texts as well.
# Markup, which flash(Markup(...)) puts there, is a 500 by either.
# Versions: Flask-Session 0.8.0, msgspec 0.23.0, Flask 3.1.3, SQLAlchemy 2.1.9 as its store; Python 3.11. Seen on
# 2026-11-29.
# Why it matters: advice to move a Flask application from cookie sessions to Flask-Session can break it; a vault that holds
# Flask's own cookie for it does not.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with blinker==1.9.0 cachelib==0.17.0 click==8.5.1 flask==3.1.3 flask-session==0.8.0 flask-sqlalchemy==3.1.1 \
  itsdangerous==2.2.0 jinja2==3.1.6 markupsafe==3.0.4 msgspec==0.23.0 sqlalchemy==2.1.9 typing-extensions==4.16.0 \
  werkzeug==3.1.9

cat >run.py <<'PY'
import datetime
import logging
import uuid

from flask import Flask, session
from flask_session import Session
from markupsafe import Markup

from servers import expect

logging.disable(logging.CRITICAL)
day = datetime.datetime(2026, 1, 2, 3, 4, 5)
values = {
    "tuple": (1, 2),
    "date": day,
    "date with zone": day.replace(tzinfo=datetime.timezone.utc),
    "UUID": uuid.UUID(int=5),
    "bytes": b"\xff",
    "Markup": Markup("<b>"),
}


def kept(format=None):
    """What each value is in the next request; 500 where it could not be stored."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for-this-run-only", SQLALCHEMY_DATABASE_URI="sqlite://")
    if format:
        app.config.update(SESSION_TYPE="sqlalchemy", SESSION_SERIALIZATION_FORMAT=format)
        Session(app)
    seen = {}
    app.add_url_rule("/put/<name>", "put", lambda name: session.update(value=values[name]) or "")
    app.add_url_rule("/get/<name>", "get", lambda name: seen.update({name: session["value"]}) or "")
    for name in values:
        client = app.test_client()
        if client.get(f"/put/{name}").status_code == 500:
            seen[name] = 500
        else:
            client.get(f"/get/{name}")
    return seen


expect("Flask's cookie", kept(), {**values, "date": values["date with zone"]})
text = "2026-01-02T03:04:05"
changed = {"tuple": [1, 2], "date": text, "UUID": str(values["UUID"]), "Markup": 500}
expect("Flask-Session, msgpack", kept("msgpack"), {**values, **changed})
expect("Flask-Session, JSON", kept("json"), {**values, **changed, "date with zone": text + "Z", "bytes": "/w=="})
PY
venv/bin/python run.py
