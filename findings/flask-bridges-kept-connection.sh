#!/usr/bin/env bash
# Guess: Flask behind an ASGI server by asgiref's WsgiToAsgi answers one plain GET after another on one connection, or
# fails for all servers alike.
# Seen: it depends on the server. Under uvicorn some of 200 GETs are answered 500 and the connection closed, under daphne
# some are 500 and the connection stays; hypercorn, granian and gunicorn's ASGI worker answer all of them 200. With
# a2wsgi in place of asgiref, uvicorn answers all of them too. On a connection for each request there is no 500.
# Versions: asgiref 3.13.0, a2wsgi 1.10.10, uvicorn 0.54.0, daphne 4.2.3, hypercorn 0.18.0, granian 2.8.9,
# gunicorn 27.0.1, Flask 3.1.3; Python 3.11. Seen on 2026-11-29.
# Why it matters: a gateway keeps its connections to the application. Before uvicorn or daphne with asgiref it has to open
# a new one for each request, must not take such a 500 for an attack, and can advise a2wsgi.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with a2wsgi==1.10.10 asgiref==3.13.0 attrs==26.1.0 autobahn==26.10.2 automat==25.4.16 blinker==1.9.0 \
  cbor2==6.3.0 cffi==2.1.1 click==8.5.1 constantly==23.10.4 cryptography==50.0.2 daphne==4.2.3 flask==3.1.3 \
  granian==2.8.9 gunicorn==27.0.1 h11==0.16.0 h2==4.4.1 hpack==4.2.0 hypercorn==0.18.0 hyperframe==6.1.0 \
  hyperlink==21.0.0 idna==3.20 incremental==24.11.0 itsdangerous==2.2.0 jinja2==3.1.6 markupsafe==3.0.4 \
  msgpack==1.2.4 packaging==26.4 priority==2.0.0 pycparser==3.12 pyopenssl==26.4.0 service-identity==26.1.0 \
  twisted==26.10.0 txaio==26.6.1 typing-extensions==4.16.0 ujson==6.1.0 uvicorn==0.54.0 werkzeug==3.1.9 \
  wsproto==1.3.2 zope-interface==8.7

cat >app.py <<'PY'
from a2wsgi import WSGIMiddleware
from asgiref.wsgi import WsgiToAsgi
from flask import Flask

app = Flask(__name__)
app.add_url_rule("/", view_func=lambda: "hello")
by_asgiref = WsgiToAsgi(app)
by_a2wsgi = WSGIMiddleware(app)
PY

cat >run.py <<'PY'
import collections
import http.client

from servers import expect, free_port, server


def statuses(port, kept):
    seen, client = collections.Counter(), None
    for _ in range(200):
        client = client or http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        client.request("GET", "/")
        answer = client.getresponse()
        answer.read()
        seen[answer.status] += 1
        if answer.will_close or not kept:
            client.close()
            client = None
    return seen


def run(name, target, fails, kept=True):
    port = free_port()
    command = {
        "uvicorn": ["uvicorn", "--host", "127.0.0.1", "--port", str(port), target],
        "daphne": ["daphne", "-b", "127.0.0.1", "-p", str(port), target],
        "hypercorn": ["hypercorn", "-b", f"127.0.0.1:{port}", target],
        "granian": ["granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), target],
        "gunicorn": ["gunicorn", "--no-control-socket", "-k", "asgi", "-b", f"127.0.0.1:{port}", target],
    }[name]
    with server(command, ("127.0.0.1", port)):
        seen = statuses(port, kept)
    print(name, target, "one connection" if kept else "a connection for each", dict(seen))
    expect("  some are 500", seen[500] > 0, fails)
    expect("  all others are 200", seen[200] + seen[500], 200)


run("uvicorn", "app:by_asgiref", True)
run("daphne", "app:by_asgiref", True)
run("hypercorn", "app:by_asgiref", False)
run("granian", "app:by_asgiref", False)
run("gunicorn", "app:by_asgiref", False)
run("uvicorn", "app:by_a2wsgi", False)
run("uvicorn", "app:by_asgiref", False, kept=False)
PY
venv/bin/python run.py
