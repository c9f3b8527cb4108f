"""Notes, by somebody in a hurry: what `bulwark check` finds in it is in the README of these examples. Never put this anywhere."""

import hashlib
import itertools
import os
import pickle
import sqlite3
import subprocess

from flask import Flask, make_response, redirect, render_template, render_template_string, request, send_file

app = Flask(__name__, static_folder=".", static_url_path="/static")
app.config["SECRET_KEY"] = "changeme"
app.config["SESSION_COOKIE_SECURE"] = False
app.debug = os.environ.get("CARELESS_DEBUG", "1") == "1"

DATA = os.environ.get("CARELESS_DATA", "careless.sqlite")
SESSIONS = {}
VISITS = itertools.count(1000)
USERS = {
    "ann@example.com": hashlib.md5(b"ann-password").hexdigest(),
    "bob@example.com": hashlib.md5(b"bob-password").hexdigest(),
}


def database():
    connection = sqlite3.connect(DATA)
    connection.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, owner TEXT, text TEXT)")
    connection.execute("INSERT OR IGNORE INTO notes VALUES (1, 'ann@example.com', 'Where the key of the office lies: under the third pot')")
    connection.commit()
    return connection


def who():
    return SESSIONS.get(request.cookies.get("sid", ""))


@app.after_request
def visited(response):
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
    response.headers["Access-Control-Allow-Credentials"] = "true"
    if "sid" not in request.cookies and "Set-Cookie" not in response.headers:
        response.set_cookie("sid", str(next(VISITS)))
    return response


@app.get("/")
def home():
    user = who()
    notes = database().execute("SELECT id, text FROM notes WHERE owner = '%s'" % user).fetchall() if user else []
    return render_template("home.html", user=user, notes=notes)


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template("login.html", message="")
    name = request.form.get("email", "")
    if name not in USERS:
        return render_template("login.html", message="There is no such account"), 401
    if hashlib.md5(request.form.get("password", "").encode()).hexdigest() != USERS[name]:
        return render_template("login.html", message="Wrong password"), 401
    sid = request.cookies.get("sid") or str(next(VISITS))
    SESSIONS[sid] = name
    response = make_response(redirect(request.args.get("next", "/")))
    response.set_cookie("sid", sid)
    return response


@app.get("/leave")
def leave():
    return redirect(request.args.get("next", "/"))


@app.post("/logout")
def logout():
    response = make_response(redirect("/"))
    response.delete_cookie("sid")
    return response


@app.post("/notes")
def add():
    connection = database()
    connection.execute("INSERT INTO notes (owner, text) VALUES ('" + str(who()) + "', '" + request.form["text"] + "')")
    connection.commit()
    return redirect("/")


@app.get("/notes/<int:number>")
def note(number):
    if who() is None:
        return redirect("/login")
    row = database().execute(f"SELECT text FROM notes WHERE id = {number}").fetchone()
    return render_template("note.html", text=row[0] if row else "")


@app.get("/hello")
def hello():
    return render_template_string("<p>Hello " + request.args.get("name", "you") + "</p>")


@app.get("/file")
def file():
    return send_file(os.path.join("files", request.args["name"]))


@app.post("/import")
def load():
    return str(pickle.loads(request.data))


@app.get("/ping")
def ping():
    return subprocess.run("ping -c 1 " + request.args["host"], shell=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True)
