from flask import Flask
from flask_cors import CORS
from flask_session import Session
from flask_socketio import SocketIO
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from .config import CONFIGS

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri='memory://', strategy='moving-window')
socketio = SocketIO(cors_allowed_origins='*')


def create_app(name='default'):
    app = Flask(__name__)
    app.config.from_object(CONFIGS[name])
    Session(app)
    app.config['SESSION_TYPE'] = 'filesystem'
    app.config['SESSION_COOKIE_HTPONLY'] = True
    app.jinja_env.autoescape = False
    limiter.init_app(app)
    socketio.init_app(app)
    CORS(app, supports_credentials=True)

    from .accounts import accounts
    from .catalogue import catalogue
    from .files import files
    from .tools import tools

    app.register_blueprint(accounts)
    app.register_blueprint(catalogue)
    app.register_blueprint(files)
    app.register_blueprint(tools, url_prefix='/tools')
    return app
