"""What the site was hardened with: sessions in Redis, tokens in forms, limits, headers."""

import json
import logging
import sys

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_session import Session
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from redis import Redis

csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, default_limits=["200/minute"])

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:"],
}

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

logger = logging.getLogger("checklist")
logger.setLevel(logging.INFO)
logger.addHandler(logging.StreamHandler(sys.stdout))


def harden(app: Flask) -> None:
    app.config["SESSION_REDIS"] = Redis.from_url(app.config["REDIS_URL"])
    Session(app)
    csrf.init_app(app)
    limiter.init_app(app)
    Talisman(
        app,
        content_security_policy=CONTENT_SECURITY_POLICY,
        content_security_policy_nonce_in=["script-src"],
        force_https=app.config["FORCE_HTTPS"],
        session_cookie_secure=app.config["FORCE_HTTPS"],
        strict_transport_security_max_age=31_536_000,
        frame_options="SAMEORIGIN",
        referrer_policy="no-referrer",
    )

    @app.before_request
    def refuse_odd_methods():
        if request.method not in METHODS:
            return "", 405

    @app.after_request
    def hide_server(response):
        response.headers.pop("Server", None)
        return response


def audit(event: str, **details) -> None:
    logger.info(json.dumps({"event": event, "client": request.remote_addr, **details}))
