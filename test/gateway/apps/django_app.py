"""A form under Django's own check, and its pages for developers where DEBUG is on."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.template import engines
from django.urls import path

settings.configure(
    DEBUG=os.environ.get("APP_DEBUG") == "1",
    SECRET_KEY="of a test, and of nothing else",
    ALLOWED_HOSTS=["example.com", "localhost"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[
        "django.middleware.gzip.GZipMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
)
django.setup()

PAGE = """<!doctype html><title>Form</title><form method="post">{% csrf_token %}<input name="text"></form>"""


def form(request):
    if request.method == "POST":
        return JsonResponse({"kept": request.POST["text"], "secure": request.is_secure()})
    page = engines["django"].from_string(PAGE).render({}, request)
    return HttpResponse(page, headers={"Referrer-Policy": "no-referrer"})


def broken(_request):
    secret_path = "/srv/secret-path"
    raise RuntimeError(f"something that a visitor must not read: {secret_path}")


urlpatterns = [path("form", form), path("broken", broken)]
application = get_wsgi_application()
