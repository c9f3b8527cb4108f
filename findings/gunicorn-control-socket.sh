#!/usr/bin/env bash
# Guess: gunicorn writes nothing outside of its own temporary file, and two of them under one account know nothing of each
# other.
# Seen: gunicorn 27 makes a control socket at ~/.gunicorn/gunicorn.ctl (in XDG_RUNTIME_DIR where there is one), by
# default and with one name for all. The second gunicorn of an account takes the name over without a word: gunicornc then
# speaks to the second. When the first one stops it deletes the name, and nothing reaches the second, which goes on serving.
# Versions: gunicorn 27.0.1; Python 3.11. Seen on 2026-11-29.
# Why it matters: `bulwark run -- gunicorn` and a new release started beside the old one are two gunicorns under one
# account. Each wants --no-control-socket, or --control-socket with a path of its own.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with gunicorn==27.0.1

cat >app.py <<'PY'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
PY

cat >run.py <<'PY'
import os
import subprocess
import time

from servers import BIN, ask, expect, free_port, server

home = os.path.join(os.getcwd(), "home")
os.mkdir(home)
os.environ["HOME"] = home
os.environ.pop("XDG_RUNTIME_DIR", None)
control = os.path.join(home, ".gunicorn", "gunicorn.ctl")


def listener():
    """The port that gunicornc speaks of, or nothing where it reaches nobody."""
    told = subprocess.run([f"{BIN}/gunicornc", "-c", "show listeners"], capture_output=True, text=True)
    return next((int(p) for p in (one, two) if f":{p}" in told.stdout), None)


def wait_for(test):
    for _ in range(50):
        if test():
            return True
        time.sleep(0.1)
    return False


one, two = free_port(), free_port()
with server(["gunicorn", "-b", f"127.0.0.1:{two}", "app:app"], ("127.0.0.1", two)) as second:
    expect("a socket appears below the home folder", wait_for(lambda: os.path.exists(control)), True)
    expect("gunicornc speaks to it", wait_for(lambda: listener() == two), True)
with server(["gunicorn", "-b", f"127.0.0.1:{one}", "app:app"], ("127.0.0.1", one)) as first:
    expect("the first alone: gunicornc speaks to the first", wait_for(lambda: listener() == one), True)
    with server(["gunicorn", "-b", f"127.0.0.1:{two}", "app:app"], ("127.0.0.1", two)) as second:
        expect("both run: gunicornc speaks to the second", wait_for(lambda: listener() == two), True)
        first.terminate()
        first.wait(10)
        expect("the first has stopped: the socket is gone", wait_for(lambda: not os.path.exists(control)), True)
        expect("gunicornc reaches nobody", listener(), None)
        expect("the second still serves", ask(("127.0.0.1", two))[0], 200)
PY
venv/bin/python run.py
