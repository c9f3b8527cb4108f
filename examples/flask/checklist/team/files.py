"""Files: some kinds alone, under names that nobody chose."""

import secrets
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired

from .accounts import signed_in
from .security import csrf

pages = Blueprint("files", __name__)
KINDS = ("bin", "pdf", "png", "txt")


class Upload(FlaskForm):
    file = FileField("File", [FileRequired(), FileAllowed(KINDS)])


@pages.route("/files", methods=["GET", "POST"])
def files():
    folder = folder_of(signed_in())
    form = Upload()
    if form.validate_on_submit():
        kind = form.file.data.filename.rsplit(".", 1)[-1].lower()
        form.file.data.save(folder / f"{secrets.token_urlsafe(12)}.{kind}")
        return redirect(url_for("files.files"))
    for message in form.errors.get("file", []):
        flash(message)
    return render_template("files.html", names=sorted(path.name for path in folder.iterdir()), form=form)


@pages.get("/files/<name>")
def file(name: str):
    folder = folder_of(signed_in())
    if name not in {path.name for path in folder.iterdir()}:
        abort(404)
    return send_file((folder / name).resolve(), as_attachment=True)


@pages.get("/large")
def large():
    """As many megabytes as are asked for."""
    count = min(request.args.get("mb", 1, type=int), 200)
    piece = b"x" * (1024 * 1024)
    return Response((piece for _ in range(count)), mimetype="application/octet-stream")


@pages.post("/count")
@csrf.exempt
def count():
    """How many bytes a request brought: for programs, which have no form."""
    return {"bytes": len(request.get_data(cache=False)), "declared": request.content_length}


def folder_of(user: str) -> Path:
    folder = current_app.config["DATA"] / "files" / user
    folder.mkdir(parents=True, exist_ok=True)
    return folder
