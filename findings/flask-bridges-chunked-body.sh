#!/usr/bin/env bash
# Guess: asgiref's bridge loses a request body that comes without Content-Length; servers that speak WSGI themselves, or
# another bridge, hand it to Flask.
# Seen: a2wsgi and the WSGI mode of hypercorn lose it as asgiref does: Flask answers 200 to an empty body, and no log says
# so. None of the three sets wsgi.input_terminated, without which Werkzeug reads no body that has no length. The WSGI mode
# of granian, gunicorn, waitress and cheroot hand over all of it (waitress by making a length).
# Versions: a2wsgi 1.10.10, asgiref 3.13.0, hypercorn 0.18.0, granian 2.8.9, uvicorn 0.54.0, gunicorn 27.0.1,
# waitress 3.0.2, cheroot 11.1.2, Flask 3.1.3; Python 3.11. Seen on 2026-11-29.
# Why it matters: a gateway that streams a chunked upload into such a server stores empty files. It has to take the body
# whole and send it with its length.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with a2wsgi==1.10.10 asgiref==3.13.0 blinker==1.9.0 cheroot==11.1.2 click==8.5.1 flask==3.1.3 granian==2.8.9 \
  gunicorn==27.0.1 h11==0.16.0 h2==4.4.1 hpack==4.2.0 hypercorn==0.18.0 hyperframe==6.1.0 itsdangerous==2.2.0 \
  jaraco-functools==4.6.0 jinja2==3.1.6 markupsafe==3.0.4 more-itertools==11.2.1 priority==2.0.0 uvicorn==0.54.0 \
  waitress==3.0.2 werkzeug==3.1.9 wsproto==1.3.2

cat >app.py <<'PY'
from a2wsgi import WSGIMiddleware
from asgiref.wsgi import WsgiToAsgi
from flask import Flask, request

app = Flask(__name__)
app.add_url_rule("/", view_func=lambda: f"{len(request.get_data())} bytes", methods=["POST"])
by_asgiref = WsgiToAsgi(app)
by_a2wsgi = WSGIMiddleware(app)
PY

cat >run.py <<'PY'
from servers import ask, expect, free_port, server


def run(what, stated, command):
    port = free_port()
    words = [word.replace("PORT", str(port)) for word in command.split()]
    with server(words, ("127.0.0.1", port)):
        status, _, answer = ask(
            ("127.0.0.1", port), "POST", "/", ["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n\r\n"
        )
    # The answer may come in chunks too.
    seen = "5 bytes" if b"5 bytes" in answer else "0 bytes" if b"0 bytes" in answer else repr(answer)
    expect(what, f"{status}, {seen}", stated)


run("uvicorn, asgiref", "200, 0 bytes", "uvicorn --host 127.0.0.1 --port PORT app:by_asgiref")
run("uvicorn, a2wsgi", "200, 0 bytes", "uvicorn --host 127.0.0.1 --port PORT app:by_a2wsgi")
run("hypercorn, its own WSGI mode", "200, 0 bytes", "hypercorn -b 127.0.0.1:PORT wsgi:app:app")
run("granian, its own WSGI mode", "200, 5 bytes", "granian --interface wsgi --host 127.0.0.1 --port PORT app:app")
run("gunicorn", "200, 5 bytes", "gunicorn --no-control-socket -b 127.0.0.1:PORT app:app")
run("waitress", "200, 5 bytes", "waitress-serve --listen 127.0.0.1:PORT app:app")
run("cheroot", "200, 5 bytes", "cheroot --bind 127.0.0.1:PORT app:app")
PY
venv/bin/python run.py
