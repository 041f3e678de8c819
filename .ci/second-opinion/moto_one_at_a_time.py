"""moto's server, one request at a time: its look for If-None-Match and its write are two steps that threads could part."""

import sys

import moto.server
from werkzeug.serving import run_simple


def run_unthreaded(*args, **options):
    run_simple(*args, **{**options, "threaded": False})


moto.server.run_simple = run_unthreaded
moto.server.main(sys.argv[1:])
