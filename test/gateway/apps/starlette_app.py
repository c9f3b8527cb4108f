"""What breaks, with Starlette's debugging on, which FastAPI has by the same name."""

from starlette.applications import Starlette
from starlette.routing import Route


async def broken(_request):
    raise RuntimeError("something that a visitor must not read: /srv/secret-path")


app = Starlette(debug=True, routes=[Route("/broken", broken)])
