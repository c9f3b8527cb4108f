import os

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_session import Session
from flask_wtf import CSRFProtect

csrf = CSRFProtect()
server_side = Session()
limiter = Limiter(
    get_remote_address,
    application_limits=['200/minute'],
    storage_uri=os.environ['REDIS_URL'],
    strategy='moving-window',
)
