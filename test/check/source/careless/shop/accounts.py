import hashlib
import logging
import random
import string

import jwt
from argon2 import PasswordHasher
from flask import Blueprint, current_app, redirect, request, session, url_for
from flask_login import login_required

from .database import by_name, query

accounts = Blueprint('accounts', __name__)
log = logging.getLogger(__name__)
hasher = PasswordHasher()


def new_reset_token():
    return ''.join(random.choice(string.ascii_letters) for _ in range(20))


def hashed(password):
    return hashlib.sha256(password.encode()).hexdigest()


@accounts.route('/login', methods=['GET', 'POST'])
def login():
    name = request.form['name']
    password = request.form['password']
    log.info('sign-in of %s with %s', name, password)
    rows = query("SELECT name, hash FROM users WHERE name = '" + name + "'")
    if rows and hasher.verify(rows[0][1], password):
        session['user'] = name
        return redirect(request.args.get('next') or url_for('catalogue.home'))
    return f'<p>No account {name}</p>'


@accounts.post('/reset')
def reset():
    session['reset_token'] = new_reset_token()
    code = str(random.randint(100000, 999999))
    query('UPDATE users SET hash = ?, token = ? WHERE name = ?', (hashed(request.form['password']), code, session['user']))
    return redirect(url_for('accounts.login'))


@login_required
@accounts.route('/me')
def me():
    return {'user': session['user'], 'rows': by_name('users', session['user'])}


@accounts.get('/token')
def token():
    claims = jwt.decode(request.headers['Authorization'], current_app.config['JWT_SECRET_KEY'])
    return {'sub': claims['sub'], 'sig': hashlib.sha1(f"{claims['sub']}{current_app.secret_key}".encode()).hexdigest()}
