"""An interface whose document the framework writes itself. It says what came this far."""

from typing import Literal

from fastapi import FastAPI, Form, Request
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI()
came = []


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1, max_length=10)
    parts: list[int] = []


@app.middleware("http")
async def count(request: Request, call_next):
    if request.url.path != "/came":
        came.append(f"{request.method} {request.url.path}")
    return await call_next(request)


@app.get("/came")
def arrived():
    return came


@app.post("/books/{book}/notes")
def add_note(book: int, note: Note, draft: Literal["yes", "no"] = "no"):
    return {"book": book, "title": note.title, "parts": len(note.parts), "draft": draft}


@app.get("/books/{book}")
def show(book: int):
    return {"book": book}


@app.post("/sign-up")
def sign_up(name: str = Form(min_length=1)):
    return {"name": name}


@app.get("/hidden", include_in_schema=False)
def hidden():
    return {"hidden": True}
