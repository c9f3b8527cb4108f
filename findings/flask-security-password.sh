#!/usr/bin/env bash
# Guess: a password column of Flask-Security-Too that begins with $argon2id$ is argon2id of the password, and moves to any
# other application.
# Seen: it is argon2id of base64(HMAC-SHA512(SECURITY_PASSWORD_SALT, password)), by default, and the column does not say
# so: every reader of PHC strings takes it and answers that the password is wrong. With SECURITY_PASSWORD_SINGLE_HASH it
# is argon2id of the password.
# Versions: Flask-Security-Too 5.9.2, libpass 1.9.4, argon2-cffi 25.1.0, Flask 3.1.3; Python 3.11. Seen on 2026-11-29.
# Why it matters: accounts that are imported from such a table look well and let nobody in. See
# docs/guides/moving-from-flask-or-django.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
python_with argon2-cffi==25.1.0 argon2-cffi-bindings==26.2.0 blinker==1.9.0 cffi==2.1.1 click==8.5.1 dnspython==2.9.2 \
  email-validator==2.4.0 flask==3.1.3 flask-login==0.6.3 flask-principal==0.4.0 flask-security-too==5.9.2 \
  flask-sqlalchemy==3.1.1 flask-wtf==1.3.0 idna==3.20 itsdangerous==2.2.0 jinja2==3.1.6 libpass==1.9.4 \
  markupsafe==3.0.4 pycparser==3.12 sqlalchemy==2.1.9 typing-extensions==4.16.0 werkzeug==3.1.9 wtforms==3.3.2

cat >run.py <<'PY'
import base64
import hashlib
import hmac

import argon2
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore, hash_password
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy

from servers import expect

SALT, PASSWORD = "not-the-salt-of-any-site", "a password of this run"


def stored(**settings):
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="for-this-run-only", SECURITY_PASSWORD_SALT=SALT, SQLALCHEMY_DATABASE_URI="sqlite://", **settings
    )
    db = SQLAlchemy(app)
    fsqla_v3.FsModels.set_db_info(db)
    role = type("Role", (db.Model, fsqla_v3.FsRoleMixin), {})
    user = type("User", (db.Model, fsqla_v3.FsUserMixin), {})
    Security(app, SQLAlchemyUserDatastore(db, user, role))
    with app.app_context():
        return hash_password(PASSWORD)


def opens(hash, secret):
    try:
        return argon2.PasswordHasher().verify(hash, secret)
    except argon2.exceptions.VerifyMismatchError:
        return False


mixed = base64.b64encode(hmac.new(SALT.encode(), PASSWORD.encode(), hashlib.sha512).digest())
by_default, single = stored(), stored(SECURITY_PASSWORD_SINGLE_HASH=["argon2"])
expect("both begin with", {by_default[:10], single[:10]}, {"$argon2id$"})
expect("by default: the password opens it", opens(by_default, PASSWORD), False)
expect("by default: its HMAC opens it", opens(by_default, mixed), True)
expect("single hash: the password opens it", opens(single, PASSWORD), True)
PY
venv/bin/python run.py
