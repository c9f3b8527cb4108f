import secrets
from pathlib import Path
from urllib.parse import urlsplit

import requests
from flask import Blueprint, abort, current_app, redirect, render_template, request, send_from_directory, session, url_for
from markupsafe import Markup

from .accounts import find, is_right
from .database import notes_of
from .extensions import limiter

pages = Blueprint('pages', __name__)
FOLDER = Path('/srv/notes/files')
FEEDS = {'news.example.com', 'blog.example.com'}
KINDS = {'image/png': '.png', 'application/pdf': '.pdf'}


def by_account():
    return request.form.get('name', '')


@pages.get('/')
def home():
    note = Markup('<b>{}</b>').format(request.args.get('note', ''))
    return render_template('home.html', note=note, notes=notes_of(session.get('name'), request.args.get('order', 'newest')))


@pages.post('/login')
@limiter.limit('5/minute')
@limiter.limit('5/minute', key_func=by_account)
def login():
    account = find(request.form['name'])
    if not is_right(account, request.form['password']):
        abort(401)
    current_app.session_interface.regenerate(session)
    session['name'] = account[0]
    target = request.form.get('next', '')
    if not target.startswith('/') or target[1:2] in ('/', '\\'):
        target = url_for('pages.home')
    return redirect(target)


@pages.post('/files')
def upload():
    sent = request.files['file']
    kind = KINDS.get(sent.mimetype)
    if kind is None:
        abort(415)
    sent.save(FOLDER / f'{secrets.token_hex(16)}{kind}')
    return redirect(url_for('pages.home'))


@pages.get('/files/<name>')
def download(name):
    return send_from_directory(FOLDER, name, max_age=0)


@pages.get('/feed')
def feed():
    address = request.args['address']
    if urlsplit(address).hostname not in FEEDS:
        abort(400)
    return {'text': requests.get(address, timeout=5, allow_redirects=False).text}
