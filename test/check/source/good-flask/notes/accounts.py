import logging
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .database import rows

log = logging.getLogger(__name__)
hasher = PasswordHasher()
NOBODY = hasher.hash(secrets.token_hex(16))


def find(name):
    found = rows('SELECT name, hash FROM users WHERE name = ?', (name,))
    return found[0] if found else None


def is_right(account, password):
    try:
        hasher.verify(account[1] if account else NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return account is not None


def new_token():
    return secrets.token_urlsafe(32)
