import os
from datetime import timedelta

from flask import Flask
from flask_talisman import Talisman
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

from .extensions import csrf, limiter, server_side
from .pages import pages

CSP = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'connect-src': "'self'",
    'form-action': "'self'",
    'base-uri': "'none'",
    'object-src': "'none'",
    'frame-ancestors': "'none'",
}


def create_app(**overrides):
    app = Flask(__name__)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    app.config.from_mapping(
        SECRET_KEY=os.environ['NOTES_SECRET'],
        SESSION_TYPE='redis',
        SESSION_REDIS=Redis.from_url(os.environ['REDIS_URL']),
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE='Lax',
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
    )
    app.config.update(overrides)
    server_side.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    Talisman(
        app,
        content_security_policy=CSP,
        content_security_policy_nonce_in=['script-src'],
        strict_transport_security_max_age=63072000,
        referrer_policy='strict-origin-when-cross-origin',
        session_cookie_samesite='Lax',
    )
    app.register_blueprint(pages)
    return app
