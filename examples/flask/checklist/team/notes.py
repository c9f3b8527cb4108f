"""Notes, each read by who wrote it."""

import sqlite3

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from .accounts import signed_in

pages = Blueprint("notes", __name__)


class NewNote(FlaskForm):
    text = StringField("Note", [InputRequired(), Length(max=2_000)])


@pages.route("/notes", methods=["GET", "POST"])
def notes():
    user = signed_in()
    form = NewNote()
    if form.validate_on_submit():
        with database() as rows:
            rows.execute("INSERT INTO notes (owner, text) VALUES (?, ?)", (user, form.text.data))
        return redirect(url_for("notes.notes"))
    kept = database().execute("SELECT text FROM notes WHERE owner = ? ORDER BY id", (user,)).fetchall()
    return render_template("notes.html", user=user, notes=[text for (text,) in kept], form=form)


def database() -> sqlite3.Connection:
    if "database" not in g:
        g.database = sqlite3.connect(current_app.config["DATA"] / "notes.sqlite")
        g.database.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, owner TEXT, text TEXT)")
    return g.database


@pages.teardown_app_request
def close_database(_error):
    if "database" in g:
        g.pop("database").close()
