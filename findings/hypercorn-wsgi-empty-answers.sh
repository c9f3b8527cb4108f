#!/usr/bin/env bash
# Guess: hypercorn's WSGI mode serves a Flask application as any WSGI server does.
# Seen: each answer for which Flask yields no piece of body becomes a 500: HEAD of any page, OPTIONS, 204, 304. The
# application's own code has run by then, and done what it does. GET of the same pages is right.
# Versions: hypercorn 0.18.0, Flask 3.1.3, Werkzeug 3.1.9; Python 3.11. Seen on 2026-11-29.
# Why it matters: a health check by HEAD, a conditional request of a browser or a 204 of an API looks like a broken
# application. A gateway should probe with GET, and say which server it is.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with blinker==1.9.0 click==8.5.1 flask==3.1.3 h11==0.16.0 h2==4.4.1 hpack==4.2.0 hypercorn==0.18.0 \
  hyperframe==6.1.0 itsdangerous==2.2.0 jinja2==3.1.6 markupsafe==3.0.4 priority==2.0.0 werkzeug==3.1.9 wsproto==1.3.2

cat >app.py <<'PY'
from flask import Flask, make_response, request

app = Flask(__name__)
ran = []


@app.get("/")
def page():
    answer = make_response("hello")
    answer.set_etag("abc")
    return answer.make_conditional(request)


@app.post("/save")
def save():
    ran.append(1)
    return "", 204


@app.get("/saved")
def saved():
    return str(len(ran))
PY

cat >run.py <<'PY'
from servers import ask, expect, free_port, server

port = free_port()
here = ("127.0.0.1", port)
with server(["hypercorn", "-b", f"127.0.0.1:{port}", "wsgi:app:app"], here):
    expect("GET", ask(here)[0], 200)
    expect("HEAD", ask(here, "HEAD")[0], 500)
    expect("OPTIONS", ask(here, "OPTIONS")[0], 500)
    expect("GET with If-None-Match, for a 304", ask(here, lines=['If-None-Match: "abc"'])[0], 500)
    expect("POST, for a 204", ask(here, "POST", "/save", ["Content-Length: 0"])[0], 500)
    expect("the POST has been carried out", ask(here, path="/saved")[2], b"1")
PY
venv/bin/python run.py
