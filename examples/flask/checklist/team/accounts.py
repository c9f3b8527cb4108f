"""Who may come in."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from .security import audit, limiter

pages = Blueprint("accounts", __name__)
hasher = PasswordHasher()

USERS = {name: hasher.hash(f"{name}-password") for name in ("ann", "bob")}
# So that a name that nobody has takes as long as one that somebody has.
NOBODY = hasher.hash("nobody-password")


class SignIn(FlaskForm):
    username = StringField("Name", [InputRequired(), Length(max=80)])
    password = PasswordField("Password", [InputRequired(), Length(max=256)])


def signed_in() -> str:
    user = session.get("user")
    if user is None:
        abort(redirect(url_for("accounts.login", next=request.path)))
    return user


@pages.get("/")
def home():
    return render_template("home.html", user=session.get("user"))


@pages.route("/login", methods=["GET", "POST"])
@limiter.limit("5/minute", methods=["POST"])
def login():
    form = SignIn()
    if form.validate_on_submit():
        name = form.username.data
        if holds(USERS.get(name, NOBODY), form.password.data) and name in USERS:
            session.clear()
            session["user"] = name
            session.permanent = True
            audit("sign_in", user=name)
            return redirect(url_for("notes.notes"))
        audit("sign_in_failed")
        flash("Wrong name or password.")
    return render_template("login.html", form=form)


@pages.post("/logout")
def logout():
    audit("sign_out", user=session.get("user"))
    session.clear()
    return redirect(url_for("accounts.home"))


def holds(known: str, password: str) -> bool:
    try:
        return hasher.verify(known, password)
    except VerificationError:
        return False
