"""What an ASGI server is given: `uvicorn site_of.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of.settings")
application = get_asgi_application()
