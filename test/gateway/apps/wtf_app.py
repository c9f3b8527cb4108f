"""A form under Flask-WTF, on a page that tells nobody where it was."""

from flask import Flask, render_template_string, request
from flask_wtf import CSRFProtect

app = Flask(__name__)
app.secret_key = "of a test, and of nothing else"
CSRFProtect(app)

PAGE = """<!doctype html><title>Form</title>
<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"><input name="text"></form>"""


@app.route("/form", methods=["GET", "POST"])
def form():
    if request.method == "POST":
        return {"kept": request.form["text"], "secure": request.is_secure}
    return render_template_string(PAGE), {"Referrer-Policy": "no-referrer"}


@app.post("/by-script")
def by_script():
    return {"kept": request.get_json()["text"]}
