"""A site by Flask-Login and Flask-WTF's form token, whose sign-in is at another address than its form."""

import os

from flask import Flask, flash, redirect, render_template_string, request, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_wtf import CSRFProtect

app = Flask(__name__)
app.secret_key = os.environ.get("SITE_SECRET", "a secret of a test, nobody's site")
CSRFProtect(app)
login_manager = LoginManager(app)
login_manager.login_view = "form"

USERS = {f"{name}@example.com": f"{name}-password" for name in ("ann", "bob")}
FORM = """<!doctype html><title>Sign in</title>
{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<form action="{{ url_for('search') }}"><input name="q"></form>
<form method="post" action="{{ url_for('authenticate') }}">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<input type="text" name="who"><input type="password" name="phrase"><input type="checkbox" name="remember">
<button>Sign in</button></form>"""


class User(UserMixin):
    def __init__(self, name):
        self.id = name


@login_manager.user_loader
def load(name):
    return User(name) if name in USERS else None


@app.get("/")
@login_required
def home():
    return f"<p>hello {current_user.id}</p>"


@app.get("/sign-in")
def form():
    return render_template_string(FORM)


@app.post("/authenticate")
def authenticate():
    name = request.form.get("who", "").lower()
    if USERS.get(name) == request.form.get("phrase"):
        login_user(User(name), remember="remember" in request.form)
        return redirect(url_for("home"))
    flash("Wrong.")
    return redirect(url_for("form"))


@app.post("/sign-out")
@login_required
def sign_out():
    logout_user()
    return redirect(url_for("form"))


@app.get("/search")
def search():
    return "<p>nothing</p>"
