"""Stops in the middle of an answer, and stays there."""

import os
import time


def application(environ, start_response):
    if environ["PATH_INFO"] != "/halting":
        body = str(os.getpid()).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]
    start_response("200 OK", [("Content-Length", "8")] if environ["QUERY_STRING"] == "declared" else [])
    return halting()


def halting():
    yield b"half"
    time.sleep(3600)
