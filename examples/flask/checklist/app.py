"""What a server is given: `gunicorn app:app`."""

from team import create_app

app = create_app()
