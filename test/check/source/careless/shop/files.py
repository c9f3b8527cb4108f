import os
import pathlib

from flask import Blueprint, abort, request, send_file, send_from_directory, session
from werkzeug.utils import secure_filename

files = Blueprint('files', __name__)
FOLDER = '/srv/uploads'


@files.get('/files/<path:name>')
def download(name):
    return send_file(os.path.join(FOLDER, name))


@files.get('/safe/<path:name>')
def safe(name):
    return send_from_directory(FOLDER, name)


@files.get('/text')
def text():
    with open(pathlib.Path(FOLDER) / request.args['name']) as handle:
        return {'text': handle.read()}


@files.post('/files')
def upload():
    if 'user' not in session:
        abort(401)
    sent = request.files['file']
    sent.save(os.path.join(FOLDER, sent.filename))
    sent.save(os.path.join(FOLDER, secure_filename(sent.filename)))
    return '', 204
