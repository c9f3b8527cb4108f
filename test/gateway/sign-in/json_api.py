"""An API by FastAPI: a sign-in in JSON, with a token for an answer. It has no page."""

import secrets

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
USERS = {f"{name}@example.com": f"{name}-password" for name in ("ann", "bob")}


class Credentials(BaseModel):
    email: str
    password: str


@app.post("/api/session")
def sign_in(credentials: Credentials):
    if USERS.get(credentials.email.lower()) != credentials.password:
        raise HTTPException(status_code=401, detail="Wrong name or password.")
    return {"access_token": secrets.token_urlsafe(32), "token_type": "bearer"}


@app.post("/api/notes")
def note(body: dict):
    return {"kept": len(body)}
