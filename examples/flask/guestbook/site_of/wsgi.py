"""What a WSGI server is given: `gunicorn site_of.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of.settings")
application = get_wsgi_application()
