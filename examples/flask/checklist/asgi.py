"""The same site for servers that speak ASGI."""

from asgiref.wsgi import WsgiToAsgi

from app import app as wsgi_app

app = WsgiToAsgi(wsgi_app)
