"""The same, by the server that Flask brings for development."""

import sys

from werkzeug.serving import run_simple

from seen import application

run_simple("127.0.0.1", int(sys.argv[1]), application, threaded=True)
