"""Does the web server of this machine answer? The health check of the image.

Started as a file, without the house's packages, so that it is small and quick.
"""

import http.client
import os
import sys


def main() -> int:
    """0 if /healthz answers. Asks under a name that the site answers to, whatever that is here."""
    port = (os.environ.get("BIND") or "127.0.0.1:8000").rpartition(":")[2]
    host = (os.environ.get("ALLOWED_HOSTS") or "localhost").split(",")[0].strip().replace("*", "localhost").lstrip(".")
    client = http.client.HTTPConnection("127.0.0.1", int(port), timeout=4)
    try:
        client.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
        return 0 if client.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        client.close()


if __name__ == "__main__":
    sys.exit(main())
