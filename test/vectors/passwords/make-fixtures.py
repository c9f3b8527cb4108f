"""Makes the fixtures of foreign password hashes beside this file, each by the library whose format it is.

Python is not needed to run the tests: they read the JSON. On Debian 12, as root:

    apt-get install python3-werkzeug python3-django python3-passlib python3-bcrypt python3-argon2
    /usr/bin/python3 make-fixtures.py debian-12.json

Its Werkzeug and Django are too old for scrypt. Debian 13 has newer ones; without such a machine, unpack its packages
(python3-werkzeug, python3-django, python3-asgiref, python3-sqlparse) by `dpkg-deb -x` and put them in front:

    PYTHONPATH=unpacked/usr/lib/python3/dist-packages /usr/bin/python3 make-fixtures.py debian-13.json werkzeug django

Salts are random: the files change with every run, what they prove does not.
"""

import base64
import hashlib
import json
import os
import platform
import struct
import sys
from importlib.metadata import version

import bcrypt
import django
import passlib.hash as passlib
import werkzeug.security
from django.conf import settings

NAMES = ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "MD5", "SHA1"]
if django.VERSION >= (4, 0):
    NAMES.append("Scrypt")
settings.configure(
    PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}PasswordHasher" for name in NAMES]
)
django.setup()
from django.contrib.auth import hashers as django_hashers  # noqa: E402

PLAIN = "correct horse battery staple"
# One text in both forms of Unicode, characters outside the first plane, and more than bcrypt's 72 bytes.
COMPOSED = "caf\u00e9 cr\u00e8me"
DECOMPOSED = "cafe\u0301 cre\u0300me"
EMOJI = "\U0001f98a\U0001f30b\U0001fa91 fuchs"
LONG = "long passphrase " * 20
WITH_NUL = "before\0after"
ALL = (PLAIN, COMPOSED, DECOMPOSED, EMOJI, LONG, "")

entries = []


def add(format, by, password, stored, **more):
    entries.append({"format": format, "by": by, "password": password, "stored": stored, **more})


def with_werkzeug():
    by = "Werkzeug " + version("werkzeug")
    generate = werkzeug.security.generate_password_hash
    modern = tuple(map(int, version("werkzeug").split(".")[:2])) >= (2, 3)
    add("werkzeug-scrypt" if modern else "werkzeug-pbkdf2", by, PLAIN, generate(PLAIN), note="the library's default")
    for password in (*ALL, WITH_NUL):
        add("werkzeug-pbkdf2", by, password, generate(password, "pbkdf2:sha256:1000"))
        if modern:
            add("werkzeug-scrypt", by, password, generate(password, "scrypt:1024:8:1"))
    for digest in ("sha1", "sha224", "sha384", "sha512"):
        add("werkzeug-pbkdf2", by, PLAIN, generate(PLAIN, f"pbkdf2:{digest}:1000"))
    if modern:
        add("werkzeug-scrypt", by, PLAIN, generate(PLAIN, "scrypt:2048:4:3"))
    else:
        add("fast-hash", by, PLAIN, generate(PLAIN, "sha256"))
        add("fast-hash", by, PLAIN, generate(PLAIN, "plain"))


def with_django():
    by = "Django " + django.get_version()
    make = django_hashers.make_password
    for algorithm, format in (
        ("pbkdf2_sha256", "django-pbkdf2"),
        ("pbkdf2_sha1", "django-pbkdf2"),
        ("argon2", "django-argon2"),
        ("bcrypt_sha256", "django-bcrypt-sha256"),
        ("bcrypt", "django-bcrypt"),
        ("scrypt", "django-scrypt"),
    ):
        if algorithm == "scrypt" and django.VERSION < (4, 0):
            continue
        add(format, by, PLAIN, make(PLAIN, hasher=algorithm), note="the library's default")
        hasher = django_hashers.get_hasher(algorithm)
        cheap = {
            "pbkdf2_sha256": lambda text: hasher.encode(text, hasher.salt(), 1000),
            "pbkdf2_sha1": lambda text: hasher.encode(text, hasher.salt(), 1000),
            "scrypt": lambda text: hasher.encode(text, hasher.salt(), n=1024),
            "bcrypt_sha256": lambda text: hasher.encode(text, bcrypt.gensalt(4)),
            "bcrypt": lambda text: hasher.encode(text, bcrypt.gensalt(4)),
        }.get(algorithm)
        if algorithm == "argon2":
            hasher.memory_cost, hasher.time_cost, hasher.parallelism = 256, 1, 2
            cheap = lambda text: hasher.encode(text, hasher.salt())
        for password in ALL:
            add(format, by, password, cheap(password))
        if algorithm not in ("bcrypt",):
            add(format, by, WITH_NUL, cheap(WITH_NUL))
    add("fast-hash", by, PLAIN, make(PLAIN, hasher="md5"))
    add("fast-hash", by, PLAIN, make(PLAIN, hasher="sha1"))
    add("no-password", by, PLAIN, make(None))


def with_passlib():
    by = "passlib " + version("passlib")
    for name, format, cheap in (
        ("pbkdf2_sha256", "passlib-pbkdf2", {"rounds": 1000}),
        ("pbkdf2_sha512", "passlib-pbkdf2", {"rounds": 1000}),
        ("pbkdf2_sha1", "passlib-pbkdf2", {"rounds": 1000}),
        ("bcrypt_sha256", "passlib-bcrypt-sha256", {"rounds": 4}),
        ("bcrypt", "bcrypt", {"rounds": 4}),
        ("scrypt", "phc-scrypt", {"rounds": 10}),
        ("argon2", "argon2id", {"memory_cost": 256, "time_cost": 1, "parallelism": 2}),
        ("django_pbkdf2_sha256", "django-pbkdf2", {"rounds": 1000}),
    ):
        hasher = getattr(passlib, name)
        add(format, by, PLAIN, hasher.hash(PLAIN), note="the library's default")
        quick = hasher.using(**cheap)
        for password in ALL:
            add(format, by, password, quick.hash(password))
    add("passlib-bcrypt-sha256", by, PLAIN, passlib.bcrypt_sha256.using(rounds=4, version=1).hash(PLAIN))
    for ident in ("2a", "2y"):
        add("bcrypt", by, PLAIN, passlib.bcrypt.using(rounds=4, ident=ident).hash(PLAIN))
    for variant in ("I", "D"):
        cheap = passlib.argon2.using(type=variant, memory_cost=256, time_cost=2, parallelism=1)
        add("phc-argon2", by, PLAIN, cheap.hash(PLAIN))
    add("sha-crypt", by, PLAIN, passlib.sha256_crypt.using(rounds=5000).hash(PLAIN))
    add("sha-crypt", by, PLAIN, passlib.sha512_crypt.using(rounds=6000).hash(PLAIN))
    add("fast-hash", by, PLAIN, passlib.md5_crypt.hash(PLAIN))
    add("unknown", by, PLAIN, passlib.sha1_crypt.using(rounds=10).hash(PLAIN))


def with_bcrypt():
    by = "bcrypt " + version("bcrypt")
    for password in ALL:
        add("bcrypt", by, password, bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode())
    add("bcrypt", by, PLAIN, bcrypt.hashpw(PLAIN.encode(), bcrypt.gensalt(12)).decode())


def with_argon2():
    from argon2 import low_level

    by = "argon2-cffi " + version("argon2-cffi")
    kinds = {"argon2id": low_level.Type.ID, "phc-argon2": low_level.Type.I}
    for format, kind in kinds.items():
        stored = low_level.hash_secret(PLAIN.encode(), os.urandom(16), 2, 512, 2, 24, kind, 19)
        add(format, by, PLAIN, stored.decode())
    old = low_level.hash_secret(PLAIN.encode(), os.urandom(16), 2, 512, 1, 32, low_level.Type.ID, 16)
    add("phc-argon2", by, PLAIN, old.decode(), note="version 1.0 of argon2")


def by_layout_of_aspnet():
    """ASP.NET Core Identity has no library in Python: this is its documented layout, with PBKDF2 by hashlib."""
    by = "the layout of ASP.NET Core Identity, hashlib of Python " + platform.python_version()
    for password in (*ALL, WITH_NUL):
        salt = os.urandom(16)
        key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 1000, 32)
        payload = b"\x01" + struct.pack(">III", 2, 1000, len(salt)) + salt + key
        add("aspnet-identity-v3", by, password, base64.b64encode(payload).decode())


PARTS = {
    "werkzeug": with_werkzeug,
    "django": with_django,
    "passlib": with_passlib,
    "bcrypt": with_bcrypt,
    "argon2-cffi": with_argon2,
    "aspnet": by_layout_of_aspnet,
}
parts = sys.argv[2:] or list(PARTS)
for part in parts:
    PARTS[part]()

made = {
    "made": f"by make-fixtures.py on Python {platform.python_version()}",
    "libraries": {name: version(name) for name in ("werkzeug", "django", "passlib", "bcrypt", "argon2-cffi")},
    "hashes": entries,
}
with open(sys.argv[1], "w", encoding="ascii") as file:
    json.dump(made, file, indent=1)
    file.write("\n")
