"""Servers of Python applications on free ports of 127.0.0.1, stopped by their process id; and plain HTTP/1.1 to them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

BIN = os.path.dirname(sys.executable)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    client = socket.socket(family)
    client.settimeout(5)
    client.connect(address)
    return client


@contextlib.contextmanager
def server(command, address, **environment):
    """Runs `command` (its program from the environment of packages) until `address` takes connections."""
    with open("server.log", "ab") as log:
        process = subprocess.Popen(
            [os.path.join(BIN, command[0]), *command[1:]],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **environment},
        )
    try:
        for _ in range(150):
            try:
                connect(address).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"{command[0]} did not start:\n" + open("server.log").read()[-2000:])
                time.sleep(0.1)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(address, method="GET", path="/", lines=(), body=b""):
    """One request on a connection of its own: status and what came after the head."""
    head = "".join(f"{line}\r\n" for line in ("Host: app.example", "Connection: close", *lines))
    client = connect(address)
    client.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    client.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), head.decode("latin1"), rest


def expect(what, seen, stated):
    """Prints what was seen, and ends the run where it is not what the find states."""
    print(f"{what}: {seen}")
    if seen != stated:
        raise SystemExit(f"CHANGED: {what}: the find states {stated}")
