"""What Werkzeug sees in a form."""

from flask import Flask, request

app = Flask(__name__)


@app.post("/form")
def form():
    fields = [[name, value] for name, value in request.form.items(multi=True)]
    files = [
        [name, file.filename, file.mimetype, file.read().decode("latin-1")]
        for name, file in request.files.items(multi=True)
    ]
    return {"fields": fields, "files": files}
