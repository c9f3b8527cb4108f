#!/usr/bin/env bash
# Guess: where a client leaves in the middle of a streamed answer, an ASGI server that runs Flask by asgiref's WsgiToAsgi
# closes the generator, as WSGI servers do, or at least serves others meanwhile.
# Seen: the generator runs to its end, piece by piece, for nobody, and every other request waits behind it: asgiref has one
# thread for all of them. With a2wsgi in place of asgiref others are served meanwhile, but the generator still runs to its
# end. granian's WSGI mode and gunicorn's threads close it at the next piece.
# Versions: asgiref 3.13.0, a2wsgi 1.10.10, uvicorn 0.54.0, hypercorn 0.18.0, granian 2.8.9, gunicorn 27.0.1, Flask 3.1.3;
# Python 3.11. Seen on 2026-11-30.
# Why it matters: a gateway passes an abort on to the application so that it costs nothing more. Before asgiref it does not
# help: four visitors who close a page of events hold up the site until their events are over.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with a2wsgi==1.10.10 asgiref==3.13.0 blinker==1.9.0 click==8.5.1 flask==3.1.3 granian==2.8.9 gunicorn==27.0.1 \
  h11==0.16.0 h2==4.4.1 hpack==4.2.0 hypercorn==0.18.0 hyperframe==6.1.0 itsdangerous==2.2.0 jinja2==3.1.6 \
  markupsafe==3.0.4 packaging==26.4 priority==2.0.0 typing-extensions==4.16.0 uvicorn==0.54.0 werkzeug==3.1.9 wsproto==1.3.2

cat >app.py <<'PY'
import time

from a2wsgi import WSGIMiddleware
from asgiref.wsgi import WsgiToAsgi
from flask import Flask, Response

app = Flask(__name__)
made = []


@app.get("/stream")
def stream():
    def pieces():
        for number in range(40):
            made.append(number)
            yield f"{number}\n"
            time.sleep(0.05)

    return Response(pieces(), mimetype="text/plain")


@app.get("/made")
def how_many():
    return str(len(made))


by_asgiref = WsgiToAsgi(app)
by_a2wsgi = WSGIMiddleware(app)
PY

cat >run.py <<'PY'
import socket
import time
import urllib.request

from servers import expect, free_port, server


def made(port):
    return int(urllib.request.urlopen(f"http://127.0.0.1:{port}/made", timeout=20).read())


def run(name, command, waits, ends):
    port = free_port()
    with server([part.replace("PORT", str(port)) for part in command], ("127.0.0.1", port)):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        while b"0\n" not in client.recv(4096):
            pass
        client.close()
        at_next_request = made(port)
        time.sleep(3)
        in_the_end = made(port)
        print(f"{name}: the next visitor is answered after {at_next_request} of 40 pieces; in the end {in_the_end} were made")
        expect(f"{name}, the next visitor waits for all of them", at_next_request == 40, waits)
        expect(f"{name}, the generator runs to its end", in_the_end == 40, not ends)


run("uvicorn, asgiref", ["uvicorn", "--port", "PORT", "app:by_asgiref"], waits=True, ends=False)
run("hypercorn, asgiref", ["hypercorn", "-b", "127.0.0.1:PORT", "app:by_asgiref"], waits=True, ends=False)
run("uvicorn, a2wsgi", ["uvicorn", "--port", "PORT", "app:by_a2wsgi"], waits=False, ends=False)
run("granian, WSGI", ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "PORT", "app:app"], waits=False, ends=True)
run("gunicorn, gthread", ["gunicorn", "--no-control-socket", "-k", "gthread", "--threads", "4", "-b", "127.0.0.1:PORT", "app:app"], waits=False, ends=True)
PY
venv/bin/python run.py
