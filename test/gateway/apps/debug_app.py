"""What breaks, for `flask run --debug`."""

from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def home():
    return "<!doctype html><title>Home</title><p>nothing special"


@app.get("/broken")
def broken():
    raise RuntimeError("something that a visitor must not read: /srv/secret-path")


@app.get("/long")
def long():
    raise RuntimeError("/srv/secret-path " * 1000)


@app.post("/form")
def form():
    return request.form["text"]
