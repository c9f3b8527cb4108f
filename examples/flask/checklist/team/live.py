"""What goes on while a page is open."""

import time

from flask import Flask, Response, request, session
from flask_sock import Sock

sock = Sock()


def init_app(app: Flask) -> None:
    sock.init_app(app)

    @app.get("/events")
    def events():
        def ticks(count: int):
            for number in range(count):
                yield f"data: {number}\n\n"
                time.sleep(0.05)

        return Response(ticks(request.args.get("count", 3, type=int)), mimetype="text/event-stream")

    @app.get("/seen")
    def seen():
        """What the application believes of a request."""
        return {
            "headers": [[name, value] for name, value in request.headers.items()],
            "url": request.url,
            "remote": request.remote_addr,
        }

    @app.get("/broken")
    def broken():
        raise RuntimeError("something that a visitor must not read: /srv/secret-path")


@sock.route("/echo")
def echo(ws):
    while True:
        ws.send(f"{session.get('user', 'nobody')}: {ws.receive()}")
