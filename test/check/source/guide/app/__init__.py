from flask import Flask, render_template, send_file, session

from .auth import protect_auth
from .config import settings
from .forms import enable_csrf
from .hardening import extra_hardening
from .security import apply_security
from .sessions import configure_sessions

def create_app():
    app = Flask(__name__)
    app.config.from_object(settings)
    configure_sessions(app)
    apply_security(app)
    enable_csrf(app)
    protect_auth(app)
    extra_hardening(app)

    @app.get('/')
    def home():
        return render_template('home.html')

    @app.get('/statement')
    def statement():
        return send_file(f"/srv/statements/{int(session['user_id'])}.pdf")

    return app
