"""What Django sees in a form."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

settings.configure(
    SECRET_KEY="of a test, and of nothing else",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
)


def form(request):
    fields = [[name, value] for name, values in request.POST.lists() for value in values]
    files = [
        [name, file.name, file.content_type, file.read().decode("latin-1")]
        for name, found in request.FILES.lists()
        for file in found
    ]
    return JsonResponse({"fields": fields, "files": files})


urlpatterns = [path("form", form)]
application = get_wsgi_application()
