"""Notes: a small site on Flask, with the session that Flask brings: a signed cookie."""

import os
import secrets
import sqlite3
import time
from pathlib import Path

from flask import Flask, Response, abort, flash, g, redirect, render_template, request, send_file, session, url_for
from flask_sock import Sock
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.utils import secure_filename

DATA = Path(os.environ.get("NOTES_DATA", "notes-data"))
DATA.mkdir(parents=True, exist_ok=True)

app = Flask(__name__)
app.secret_key = os.environ.get("NOTES_SECRET") or secrets.token_hex(32)
app.config["MAX_CONTENT_LENGTH"] = 200 * 1024 * 1024
sock = Sock(app)

USERS = {name: generate_password_hash(f"{name}-password") for name in ("ann", "bob")}


def database():
    if "database" not in g:
        g.database = sqlite3.connect(DATA / "notes.sqlite")
        g.database.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, owner TEXT, text TEXT)")
    return g.database


@app.teardown_appcontext
def close_database(_error):
    if "database" in g:
        g.pop("database").close()


def signed_in():
    user = session.get("user")
    if user is None:
        abort(redirect(url_for("login", next=request.path)))
    return user


@app.get("/")
def home():
    return render_template("home.html", user=session.get("user"))


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        name = request.form.get("username", "")
        known = USERS.get(name)
        if known is not None and check_password_hash(known, request.form.get("password", "")):
            session["user"] = name
            return redirect(url_for("notes"))
        flash("Wrong name or password.")
    return render_template("login.html")


@app.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("home"))


@app.route("/notes", methods=["GET", "POST"])
def notes():
    user = signed_in()
    if request.method == "POST":
        database().execute("INSERT INTO notes (owner, text) VALUES (?, ?)", (user, request.form["text"]))
        database().commit()
        return redirect(url_for("notes"))
    rows = database().execute("SELECT id, text FROM notes WHERE owner = ? ORDER BY id", (user,)).fetchall()
    return render_template("notes.html", user=user, notes=rows)


@app.route("/files", methods=["GET", "POST"])
def files():
    user = signed_in()
    folder = DATA / "files" / user
    folder.mkdir(parents=True, exist_ok=True)
    if request.method == "POST":
        upload = request.files["file"]
        name = secure_filename(upload.filename or "") or "unnamed"
        upload.save(folder / name)
        return redirect(url_for("files"))
    return render_template("files.html", user=user, names=sorted(path.name for path in folder.iterdir()))


@app.get("/files/<name>")
def file(name):
    path = DATA / "files" / signed_in() / secure_filename(name)
    if not path.is_file():
        abort(404)
    return send_file(path.resolve())


@app.get("/large")
def large():
    """As many megabytes as are asked for."""
    count = min(request.args.get("mb", 1, type=int), 200)
    piece = b"x" * (1024 * 1024)
    return Response((piece for _ in range(count)), mimetype="application/octet-stream")


@app.post("/count")
def count():
    """How many bytes a request brought."""
    return {"bytes": len(request.get_data(cache=False)), "declared": request.content_length}


@app.get("/events")
def events():
    def ticks(count):
        for number in range(count):
            yield f"data: {number}\n\n"
            time.sleep(0.05)

    return Response(ticks(request.args.get("count", 3, type=int)), mimetype="text/event-stream")


@sock.route("/echo")
def echo(ws):
    while True:
        ws.send(f"{session.get('user', 'nobody')}: {ws.receive()}")


@app.get("/seen")
def seen():
    """What the application believes of a request."""
    return {
        "headers": [[name, value] for name, value in request.headers.items()],
        "url": request.url,
        "remote": request.remote_addr,
        "environ": sorted(name for name in request.environ if name.startswith("HTTP_") or name.startswith("CONTENT_")),
    }


@app.get("/broken")
def broken():
    raise RuntimeError("something that a visitor must not read: /srv/secret-path")
