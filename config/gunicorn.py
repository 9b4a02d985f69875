"""How gunicorn serves the site: `gunicorn -c python:config.gunicorn config.wsgi`, in production and in `make run`."""

import os
from pathlib import Path

from config.paths import VAR_DIR
from config.settings import LOGGING

#: Where the web server listens.
bind = os.environ.get("BIND", default="127.0.0.1:8000")
#: Web processes of one machine: about two for each processor.
workers = int(os.environ.get("WEB_CONCURRENCY", default="2"))
#: Requests that one web process answers at a time; each may hold a database connection.
threads = int(os.environ.get("WEB_THREADS", default="4"))
#: Proxies that may say for whom they ask and whether it was by HTTPS, separated by commas; `*` where nobody else can.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", default="127.0.0.1,::1")

preload_app = True
graceful_timeout = 10
# A control socket would be one path for every gunicorn of this user.
control_socket_disable = True
# Each request is told by config.logs.requests, by its route and without what people typed.
accesslog = None
loglevel = "info"
logconfig_dict = LOGGING
# Workers show that they live by touching a file: on a disk that is busy they would seem dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - made with a name of its own


def _begin_counting() -> None:
    """Counts of requests lie in files that all web processes share; those of a former start count no more."""
    folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(VAR_DIR / "run" / "metrics")))
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()


# Now, before any hook: prometheus_client looks at the variable when it is imported.
_begin_counting()


def child_exit(server, worker):  # noqa: ANN001, ANN201 - gunicorn's hook
    from prometheus_client import multiprocess  # only now: see above

    multiprocess.mark_process_dead(worker.pid)
