"""The same, by Django, and by the server that Django brings for development."""

import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import re_path

from seen import told

settings.configure(
    DEBUG=False,
    SECRET_KEY="of a test, and of nothing else",
    ALLOWED_HOSTS=["example.com"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
)


def seen(request):
    headers = {name.lower(): value for name, value in request.headers.items()}
    path = request.path.encode()
    query = request.META["QUERY_STRING"]
    return HttpResponse(told(request.method, path, query, headers, request.body), content_type="application/json")


urlpatterns = [re_path("", seen)]
application = get_wsgi_application()

if __name__ == "__main__":
    from django.core.servers.basehttp import run

    run("127.0.0.1", int(sys.argv[1]), application, threading=True)
