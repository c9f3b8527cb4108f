"""What Starlette sees in a form."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


async def form(request):
    fields, files = [], []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            fields.append([name, value])
        else:
            content = (await value.read()).decode("latin-1")
            files.append([name, value.filename, value.content_type, content])
    return JSONResponse({"fields": fields, "files": files})


app = Starlette(routes=[Route("/form", form, methods=["POST"])])
