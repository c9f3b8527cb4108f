"""What differs from place to place, from the environment."""

import os
from datetime import timedelta
from pathlib import Path


class Settings:
    SECRET_KEY = os.environ["FLASK_SECRET_KEY"]
    REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
    DATA = Path(os.environ.get("CHECKLIST_DATA", "checklist-data"))
    # Off where the site is visited over plain http, on the machine of a developer.
    FORCE_HTTPS = os.environ.get("FORCE_HTTPS", "1") == "1"

    SESSION_TYPE = "redis"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = FORCE_HTTPS
    PERMANENT_SESSION_LIFETIME = timedelta(minutes=30)

    WTF_CSRF_TIME_LIMIT = None

    RATELIMIT_STORAGE_URI = REDIS_URL
    RATELIMIT_HEADERS_ENABLED = True

    MAX_CONTENT_LENGTH = 200 * 1024 * 1024
    SEND_FILE_MAX_AGE_DEFAULT = 31_536_000
