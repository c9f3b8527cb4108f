"""Lists: a programming interface on FastAPI, with a sign-in of its own and changes told over a WebSocket."""

import asyncio
import hmac
import os
import secrets
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

app = FastAPI(title="Lists")

PASSWORDS = {"ann": "ann-password", "bob": "bob-password"}
sessions: dict[str, str] = {}
items: dict[str, list[str]] = {}
listeners: dict[str, set[asyncio.Queue[str]]] = {}


class SignIn(BaseModel):
    username: str = Field(max_length=80)
    password: str = Field(max_length=256)


class Item(BaseModel):
    text: str = Field(min_length=1, max_length=500)


def whoever(sid: Annotated[str | None, Cookie()] = None) -> str:
    user = sessions.get(sid or "")
    if user is None:
        raise HTTPException(401, "sign in first")
    return user


User = Annotated[str, Depends(whoever)]


@app.post("/login")
async def login(body: SignIn, response: Response):
    known = PASSWORDS.get(body.username, secrets.token_hex(16))
    if not hmac.compare_digest(known.encode(), body.password.encode()):
        raise HTTPException(401, "wrong name or password")
    sid = secrets.token_urlsafe(32)
    sessions[sid] = body.username
    response.set_cookie("sid", sid, httponly=True)
    return {"user": body.username}


@app.post("/logout", status_code=204)
async def logout(response: Response, sid: Annotated[str | None, Cookie()] = None):
    sessions.pop(sid or "", None)
    response.delete_cookie("sid")


@app.get("/items")
async def read(user: User):
    return items.get(user, [])


@app.post("/items", status_code=201)
async def add(item: Item, user: User):
    items.setdefault(user, []).append(item.text)
    for listener in listeners.get(user, ()):
        listener.put_nowait(item.text)
    return item


@app.websocket("/changes")
async def changes(socket: WebSocket, sid: Annotated[str | None, Cookie()] = None):
    user = sessions.get(sid or "")
    if user is None:
        await socket.close(4401)
        return
    await socket.accept()
    mine: asyncio.Queue[str] = asyncio.Queue()
    listeners.setdefault(user, set()).add(mine)
    try:
        while True:
            await socket.send_json({"added": await mine.get()})
    except WebSocketDisconnect:
        pass
    finally:
        listeners[user].discard(mine)


@app.get("/events")
async def events(count: int = 3):
    async def ticks():
        for number in range(count):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(ticks(), media_type="text/event-stream")


@app.get("/large")
async def large(mb: int = 1):
    """As many megabytes as are asked for."""

    async def pieces():
        for _ in range(min(mb, 200)):
            yield b"x" * (1024 * 1024)

    return StreamingResponse(pieces(), media_type="application/octet-stream")


@app.post("/count")
async def count(request: Request):
    """How many bytes a request brought."""
    total = 0
    async for piece in request.stream():
        total += len(piece)
    return {"bytes": total, "declared": int(request.headers.get("content-length", -1))}


@app.get("/broken")
async def broken():
    raise RuntimeError("something that a visitor must not read: /srv/secret-path")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, port=int(os.environ.get("PORT", "8000")))
