#!/usr/bin/env bash
# Guess: six readers of today's Python frameworks take every form that RFC 2046 and 7578 or browsers make, and differ as
# their older releases did: `%22` in a file name stays as it is but in some, transfer encodings are not undone.
# Seen: Werkzeug 3.1 (with it Flask) now undoes `%22`, as `multipart` does; the others show `%22`. Blanks after a boundary:
# taken by Werkzeug, Django and aiohttp, an error or nothing at all for the others. A preamble is an error for Starlette
# and Tornado. Base64 parts are decoded by Django and aiohttp. `Multipart/Form-Data` is an error for Django and silently
# nothing for Tornado; Starlette now takes it. A file field with no file in it is a file for Werkzeug and Starlette, an
# empty text for the others.
# Versions: Werkzeug 3.1.9, Django 5.2.19, Starlette 1.10.0 with python-multipart 0.0.34, aiohttp 3.14.5, Tornado 6.6.1,
# multipart 2.0.1; Python 3.11. Seen on 2026-11-29.
# Why it matters: a gateway that judges an upload and hands on the original bytes has judged another file than the
# application gets. One strict grammar, made anew: no preamble, no blanks, no transfer encoding, lower-case type.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiosignal==1.4.0 anyio==4.16.0 asgiref==3.13.0 attrs==26.1.0 \
  django==5.2.19 frozenlist==1.8.0 idna==3.20 markupsafe==3.0.4 multidict==7.2.1 multipart==2.0.1 propcache==0.5.4 \
  python-multipart==0.0.34 sqlparse==0.6.1 starlette==1.10.0 tornado==6.6.1 typing-extensions==4.16.0 werkzeug==3.1.9 \
  yarl==1.25.1

cat >run.py <<'PY'
import asyncio
import io
import logging
from unittest import mock

import multipart
from aiohttp import web
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from starlette.requests import Request as Asgi
from tornado.httputil import parse_body_arguments
from werkzeug.wrappers import Request as Werkzeug

from servers import expect

logging.disable(logging.CRITICAL)
settings.configure(DEFAULT_CHARSET="utf-8")


def environ(type, body):
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_TYPE": type, "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }  # fmt: skip


def by_werkzeug(type, body):
    request = Werkzeug(environ(type, body))
    return dict(request.form), {name: (file.filename, file.read()) for name, file in request.files.items()}


def by_django(type, body):
    request = WSGIRequest(environ(type, body))
    return request.POST.dict(), {name: (file.name, file.read()) for name, file in request.FILES.items()}


def by_starlette(type, body):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def read():
        scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", type.encode())]}
        fields, files = {}, {}
        for name, value in (await Asgi(scope, receive).form()).multi_items():
            if isinstance(value, str):
                fields[name] = value
            else:
                files[name] = (value.filename, await value.read())
        return fields, files

    return asyncio.run(read())


def by_aiohttp(type, body):
    async def read():
        payload = StreamReader(mock.Mock(_reading_paused=False), 65536, loop=asyncio.get_running_loop())
        payload.feed_data(body)
        payload.feed_eof()
        request = make_mocked_request("POST", "/", headers={"Content-Type": type}, payload=payload)
        request._client_max_size = 65536
        fields, files = {}, {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.filename, value.file.read())
            else:
                fields[name] = value if isinstance(value, str) else value.decode()
        return fields, files

    return asyncio.run(read())


def by_tornado(type, body):
    fields, files = {}, {}
    parse_body_arguments(type, body, fields, files)
    return {k: v[0].decode() for k, v in fields.items()}, {k: (v[0].filename, v[0].body) for k, v in files.items()}


def by_multipart(type, body):
    fields, files = multipart.parse_form_data(environ(type, body), strict=False)
    return {k: fields[k] for k in fields.keys()}, {k: (files[k].filename, files[k].file.read()) for k in files.keys()}


readers = [by_werkzeug, by_django, by_starlette, by_aiohttp, by_tornado, by_multipart]


def read(**change):
    """What each reader makes of one form with a file `f` (a.txt, hi) and a field `s` (v), changed in one place."""
    form = {"type": "multipart/form-data", "file": "a.txt", "more": "", "data": "hi", "before": "", "pad": "", **change}
    body = (
        f'{form["before"]}--XbX{form["pad"]}\r\nContent-Disposition: form-data; name="f"; filename="{form["file"]}"'
        f'{form["more"]}\r\n\r\n{form["data"]}\r\n--XbX{form["pad"]}\r\nContent-Disposition: form-data; name="s"'
        f"\r\n\r\nv\r\n--XbX--\r\n"
    ).encode()
    seen = {}
    for reader in readers:
        try:
            fields, files = reader(f'{form["type"]}; boundary=XbX', body)
            if files:
                word = f"{files['f'][0]}:{files['f'][1].decode()}" if fields == {"s": "v"} else "another form"
            else:
                word = {0: "nothing", 2: "a text"}[len(fields)]
        except Exception:
            word = "error"
        seen.setdefault(word, []).append(reader.__name__.removeprefix("by_"))
    return {word: " ".join(names) for word, names in seen.items()}


expect("plain", read(), {"a.txt:hi": "werkzeug django starlette aiohttp tornado multipart"})
expect(
    "%22 in the name, as browsers write a quote",
    read(file="a%22b.txt"),
    {'a"b.txt:hi': "werkzeug multipart", "a%22b.txt:hi": "django starlette aiohttp tornado"},
)
expect(
    "blanks after the boundary",
    read(pad="  "),
    {"a.txt:hi": "werkzeug django aiohttp", "error": "starlette tornado", "nothing": "multipart"},
)
expect(
    "a preamble",
    read(before="to be ignored\r\n"),
    {"a.txt:hi": "werkzeug django aiohttp multipart", "error": "starlette tornado"},
)
expect(
    "base64",
    read(more="\r\nContent-Transfer-Encoding: base64", data="aGk="),
    {"a.txt:aGk=": "werkzeug starlette tornado multipart", "a.txt:hi": "django aiohttp"},
)
expect(
    "Multipart/Form-Data",
    read(type="Multipart/Form-Data"),
    {"a.txt:hi": "werkzeug starlette aiohttp multipart", "error": "django", "nothing": "tornado"},
)
expect(
    "no file chosen",
    read(file="", data="", more="\r\nContent-Type: application/octet-stream"),
    {":": "werkzeug starlette", "a text": "django aiohttp tornado multipart"},
)
PY
venv/bin/python run.py
