#!/usr/bin/env bash
# Guess: a server of HTTP/2 puts the cookie lines of a request together with '; ' before an application sees them (RFC
# 9113, 8.2.3), since browsers send each cookie on a line of its own there.
# Seen: granian as an ASGI server does not; asgiref's bridge then joins them with a comma. Flask reads ONE cookie,
# session = 'abc,theme=dark': its signature is wrong and the visitor is signed out. granian as a WSGI server joins with
# ';', hypercorn with '; ', and Flask reads both cookies.
# Versions: granian 2.8.9, hypercorn 0.18.0, asgiref 3.13.0, Flask 3.1.3, h2 4.4.1 as the client; Python 3.11. Seen on
# 2026-11-29.
# Why it matters: a gateway that takes HTTP/2 from browsers has to send one Cookie line on, whatever the upstream speaks.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with asgiref==3.13.0 blinker==1.9.0 click==8.5.1 flask==3.1.3 granian==2.8.9 h11==0.16.0 h2==4.4.1 hpack==4.2.0 \
  hypercorn==0.18.0 hyperframe==6.1.0 itsdangerous==2.2.0 jinja2==3.1.6 markupsafe==3.0.4 priority==2.0.0 \
  werkzeug==3.1.9 wsproto==1.3.2

cat >app.py <<'PY'
from asgiref.wsgi import WsgiToAsgi
from flask import Flask, request

app = Flask(__name__)
app.add_url_rule("/", view_func=lambda: " | ".join(f"{k}={v}" for k, v in request.cookies.items()))
by_asgiref = WsgiToAsgi(app)
PY

cat >run.py <<'PY'
import h2.config
import h2.connection
import h2.events

from servers import connect, expect, free_port, server


def get(address):
    client = connect(address)
    talk = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    talk.initiate_connection()
    head = [(":method", "GET"), (":scheme", "http"), (":authority", "app.example"), (":path", "/")]
    talk.send_headers(1, [*head, ("cookie", "session=abc"), ("cookie", "theme=dark")], end_stream=True)
    client.sendall(talk.data_to_send())
    body = b""
    while True:
        for event in talk.receive_data(client.recv(65536)):
            if isinstance(event, h2.events.DataReceived):
                body += event.data
            if isinstance(event, h2.events.StreamEnded):
                client.close()
                return body.decode()
        client.sendall(talk.data_to_send())


def run(what, stated, command):
    port = free_port()
    with server([word.replace("PORT", str(port)) for word in command.split()], ("127.0.0.1", port)):
        expect(what, get(("127.0.0.1", port)), stated)


run("granian, ASGI", "session=abc,theme=dark", "granian --interface asgi --host 127.0.0.1 --port PORT app:by_asgiref")
run("granian, WSGI", "session=abc | theme=dark", "granian --interface wsgi --host 127.0.0.1 --port PORT app:app")
run("hypercorn, ASGI", "session=abc | theme=dark", "hypercorn -b 127.0.0.1:PORT app:by_asgiref")
run("hypercorn, WSGI", "session=abc | theme=dark", "hypercorn -b 127.0.0.1:PORT wsgi:app:app")
PY
venv/bin/python run.py
