#!/usr/bin/env bash
# Guess: over a unix socket the client's address is empty for every server, and X-Forwarded-Proto is believed there by
# those that believe it from 127.0.0.1 (gunicorn, uvicorn, uwsgi).
# Seen: six servers, five answers for the address: '' (gunicorn, granian, cheroot), None (uvicorn, hypercorn),
# 'localhost' (waitress), '<local>' (Werkzeug's own). gunicorn believes X-Forwarded-Proto from a unix socket, uvicorn does
# not. SERVER_PORT is the socket's path for waitress, a letter of it for Werkzeug. Modes differ: gunicorn's socket is open
# to every account of the machine (777), uvicorn's too (666), waitress's to its own account only (600).
# Versions: gunicorn 27.0.1, uvicorn 0.54.0 with a2wsgi 1.10.10, hypercorn 0.18.0, granian 2.8.9, waitress 3.0.2,
# cheroot 11.1.2, Flask 3.1.3, Werkzeug 3.1.9; Python 3.11, umask 022. Seen on 2026-11-29.
# Why it matters: `--upstream unix:/run/app.sock` is the tidy way to hide an application behind a gateway. Without ProxyFix
# every limit by address has one bucket, links of an application under uvicorn say http, and a gateway under another
# account cannot open waitress's socket while anybody can open gunicorn's: put it into a folder of the two accounts.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with a2wsgi==1.10.10 blinker==1.9.0 cheroot==11.1.2 click==8.5.1 flask==3.1.3 granian==2.8.9 gunicorn==27.0.1 \
  h11==0.16.0 h2==4.4.1 hpack==4.2.0 hypercorn==0.18.0 hyperframe==6.1.0 itsdangerous==2.2.0 jaraco-functools==4.6.0 \
  jinja2==3.1.6 markupsafe==3.0.4 more-itertools==11.2.1 priority==2.0.0 uvicorn==0.54.0 waitress==3.0.2 \
  werkzeug==3.1.9 wsproto==1.3.2
umask 022

cat >app.py <<'PY'
from a2wsgi import WSGIMiddleware
from flask import Flask, request

app = Flask(__name__)
app.add_url_rule("/", view_func=lambda: f"[{request.remote_addr!r} {request.scheme} {request.environ['SERVER_PORT']}]")
by_a2wsgi = WSGIMiddleware(app)
PY

cat >run.py <<'PY'
import os
import re
import stat

from servers import ask, expect, server


def run(what, stated, command):
    path = os.path.join(os.getcwd(), "s")
    words = [word.replace("PATH", path) for word in command.split()]
    with server(words, path):
        _, _, answer = ask(path, lines=["X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7"])
        mode = oct(stat.S_IMODE(os.stat(path).st_mode))[2:]
    told = re.search(rb"\[(.*)\]", answer)[1].decode().replace(path, "PATH")
    expect(what, f"{told}, mode {mode}", stated)
    if os.path.exists(path):
        os.unlink(path)


run("gunicorn", "'' https 443, mode 777", "gunicorn --no-control-socket -b unix:PATH app:app")
run("uvicorn", "None http 0, mode 666", "uvicorn --uds PATH app:by_a2wsgi")
run("hypercorn", "None http 80, mode 755", "hypercorn -b unix:PATH wsgi:app:app")
run("granian", "'' http 0, mode 755", "granian --interface wsgi --uds PATH app:app")
run("waitress", "'localhost' http PATH, mode 600", "waitress-serve --unix-socket=PATH app:app")
run("cheroot", "'' http , mode 755", "cheroot --bind PATH app:app")
letter = os.getcwd()[1]
run("Werkzeug", f"'<local>' http {letter}, mode 755", "flask --app app run --host unix://PATH")
PY
venv/bin/python run.py
