"""Notes of a team, hardened along a checklist: its own sessions, tokens, limits and headers."""

from flask import Flask

from . import accounts, files, live, notes
from .security import harden
from .settings import Settings


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.from_object(Settings)
    app.config["DATA"].mkdir(parents=True, exist_ok=True)
    harden(app)
    for part in (accounts, notes, files):
        app.register_blueprint(part.pages)
    live.init_app(app)
    return app
