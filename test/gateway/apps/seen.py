"""What a server of Python applications makes of a request, told back as JSON: over WSGI, over ASGI, and by Django."""

import hashlib
import json


def application(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    }
    # WSGI hands bytes of a path on as characters of Latin-1 (PEP 3333).
    path = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
    answer = told(environ["REQUEST_METHOD"], path.encode("latin1"), environ["QUERY_STRING"], headers, body)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {}
    for name, value in scope["headers"]:
        key = name.decode("latin1").lower()
        headers[key] = "TWICE" if key in headers else value.decode("latin1")
    path = (scope.get("root_path", "") + scope["path"]).encode()
    answer = told(scope["method"], path, scope["query_string"].decode("latin1"), headers, body)
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": answer})


def told(method, path, query, headers, body):
    return json.dumps(
        {
            "method": method,
            "path": path.decode("utf8", "replace"),
            "query": query,
            "headers": headers,
            "bytes": len(body),
            "hash": hashlib.sha256(body).hexdigest(),
        }
    ).encode()
