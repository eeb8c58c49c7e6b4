"""The health check of a server in a container: it fails unless the server on a port of this machine says that it is well."""

import sys
import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/health", timeout=4)
