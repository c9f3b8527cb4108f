from argon2 import PasswordHasher
from flask import redirect, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.security import generate_password_hash, check_password_hash

from .users import find_user

limiter = Limiter(key_func=get_remote_address, default_limits=["200/min"])
ph = PasswordHasher()

def hash_password(pw: str) -> str:
    return generate_password_hash(pw, method='scrypt')

def verify_password(hash_: str, pw: str) -> bool:
    return check_password_hash(hash_, pw)

def verify_argon2(hash_: str, candidate: str) -> bool:
    return ph.verify(hash_, candidate)

def protect_auth(app):
    limiter.init_app(app)

    @app.post('/login')
    @limiter.limit("5/minute")
    def login():
        user = find_user(request.form['username'])
        if user and verify_password(user['hash'], request.form['password']):
            session['user'] = user['name']
        return redirect(url_for('home'))
