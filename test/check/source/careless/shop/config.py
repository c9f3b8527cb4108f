import os
from datetime import timedelta

DEFAULT_KEY = 'dev'


class Base:
    SECRET_KEY = os.environ.get('SECRET_KEY', DEFAULT_KEY)
    PERMANENT_SESSION_LIFETIME = timedelta(days=365)
    SESSION_COOKIE_HTTPONLY = False
    SESSION_COOKIE_SAMESITE = None


class Development(Base):
    DEBUG = True


class Production(Base):
    DEBUG = not False
    WTF_CSRF_ENABLED = False
    JWT_SECRET_KEY = 'correct-horse'
    SEND_FILE_MAX_AGE_DEFAULT = 60 * 60 * 24


CONFIGS = {'default': Development, 'production': Production}
