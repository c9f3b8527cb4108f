from .base import *
from .base import MIDDLEWARE

DEBUG = False
ALLOWED_HOSTS = ['entries.example.com']
MIDDLEWARE += ['django.middleware.clickjacking.XFrameOptionsMiddleware']
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 63072000
