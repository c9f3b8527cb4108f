import hmac
import json
import os
from datetime import timedelta

import magic
import pyotp
import redis
from flask import Flask, abort, redirect, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_session import Session
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from .store import account_of, keep, renew_codes

app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)
app.config.update(
    SECRET_KEY=os.environ['SECRET_KEY'],
    SESSION_TYPE='redis',
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_SAMESITE='Lax',
    PERMANENT_SESSION_LIFETIME=timedelta(minutes=30),
)
Session(app)
CSRFProtect(app)
POLICY = {'default-src': "'none'", 'script-src': "'self'", 'object-src': "'none'", 'base-uri': "'none'", 'form-action': "'self'", 'frame-ancestors': "'none'"}
Talisman(app, content_security_policy=POLICY)
limiter = Limiter(
    get_remote_address,
    app=app,
    storage_uri=os.environ['REDIS_URL'],
    strategy='moving-window',
    swallow_errors=True,
)
ALLOWED = {'image/png', 'image/jpeg'}


@app.before_request
def remember():
    session.permanent = True


@app.post('/second')
@limiter.limit('5/minute')
def second():
    account = account_of(session['pending'])
    if not pyotp.TOTP(account.secret).verify(request.form['code']):
        abort(401)
    app.session_interface.regenerate(session)
    session['user'] = account.name
    return redirect('/')


@app.post('/picture')
def picture():
    if request.content_length > 5_000_000:
        abort(413)
    sent = request.files['picture']
    if sent.mimetype not in ALLOWED:
        abort(415)
    keep(sent)
    return '', 204


@app.post('/scan')
def scan():
    sent = request.files['scan']
    if magic.from_buffer(sent.read(2048), mime=True) != 'application/pdf':
        abort(415)
    keep(sent)
    return '', 204


@app.post('/logout')
def logout():
    session.clear()
    return redirect('/')


@app.post('/codes')
def codes():
    return {'codes': renew_codes(account_of(session['user']))}


@app.post('/hooks/payments')
def payments():
    made = hmac.new(os.environb[b'PAYMENTS_KEY'], json.dumps(request.json).encode(), 'sha256').hexdigest()
    if not hmac.compare_digest(made, request.headers.get('X-Signature', '')):
        abort(401)
    return '', 204


@app.post('/hooks/parcels')
def parcels():
    made = hmac.new(os.environb[b'PARCELS_KEY'], request.get_data(), 'sha256').hexdigest()
    if request.headers.get('X-Signature') != made:
        abort(401)
    return '', 204
