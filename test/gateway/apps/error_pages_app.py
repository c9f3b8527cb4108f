"""An application with a page of its own for what breaks."""

from flask import Flask

app = Flask(__name__)


@app.errorhandler(500)
def sorry(_error):
    return "<!doctype html><title>Sorry</title><p>Sorry, says the application.", 500


@app.get("/broken")
def broken():
    raise RuntimeError("something that a visitor must not read")
