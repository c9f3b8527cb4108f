#!/usr/bin/env bash
# Guess: whatever client asks, it passes over an answer 103 Early Hints and takes the answer that follows; and no Python
# server sends any.
# Seen: an application under gunicorn 27 sends them by wsgi.early_hints. httpx and aiohttp pass over the 103. requests
# takes it for the answer: status 103, no body (response.ok is true), and urllib raises an HTTPError 103. Python's
# http.client, which both stand on, passes over 100 only, in 3.11 to 3.13.
# Versions: gunicorn 27.0.1, requests 2.34.2, urllib3 2.8.0, httpx 0.28.1, aiohttp 3.14.5; Python 3.11. Seen on 2026-11-29.
# Why it matters: a gateway should hand a 103 on to browsers only (a navigation, by Sec-Fetch-Mode), never to clients of an
# API; and a check written with requests must not count a 103 as a page.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiosignal==1.4.0 anyio==4.16.0 attrs==26.1.0 \
  certifi==2026.10.19.post1 charset-normalizer==3.5.3 frozenlist==1.8.0 gunicorn==27.0.1 h11==0.16.0 httpcore==1.0.9 \
  httpx==0.28.1 idna==3.20 multidict==7.2.1 packaging==26.4 propcache==0.5.4 requests==2.34.2 typing-extensions==4.16.0 \
  urllib3==2.8.0 yarl==1.25.1

cat >app.py <<'PY'
def app(environ, start_response):
    environ["wsgi.early_hints"]([("Link", "</app.css>; rel=preload; as=style")])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
PY

cat >run.py <<'PY'
import asyncio
import urllib.error
import urllib.request

import aiohttp
import httpx
import requests

from servers import expect, free_port, server

port = free_port()
url = f"http://127.0.0.1:{port}/"


def by_requests():
    answer = requests.get(url, timeout=5)
    return answer.status_code, answer.text, answer.ok


def by_urllib():
    try:
        return urllib.request.urlopen(url, timeout=5).status
    except urllib.error.HTTPError as error:
        return f"HTTPError {error.code}"


def by_httpx():
    answer = httpx.get(url)
    return answer.status_code, answer.text


async def by_aiohttp():
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


with server(["gunicorn", "--no-control-socket", "-b", f"127.0.0.1:{port}", "app:app"], ("127.0.0.1", port)):
    expect("requests", by_requests(), (103, "", True))
    expect("urllib", by_urllib(), "HTTPError 103")
    expect("httpx", by_httpx(), (200, "hello"))
    expect("aiohttp", asyncio.run(by_aiohttp()), (200, "hello"))
PY
venv/bin/python run.py
