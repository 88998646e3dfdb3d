# Written by harden-python-vps: how {{name}} is served. The socket comes from systemd ({{name}}.socket).
import importlib.util
import os
import pathlib

# Each secret is a file that systemd hands over; the app finds it in its environment, under the file's name.
for credential in pathlib.Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nonexistent")).glob("*_*"):
    kind, variable = credential.name.split("_", 1)
    if kind in ("app", "sealed"):
        os.environ[variable] = credential.read_text().rstrip("\n")

chdir = "{{code}}"
{{#if sourceFolder}}
pythonpath = "{{sourceFolder}}"
{{/if}}
{{#if asgi}}
if importlib.util.find_spec("uvicorn_worker"):
    worker_class = "uvicorn_worker.UvicornWorker"
else:
    worker_class = "uvicorn.workers.UvicornWorker"
{{else}}
worker_class = "gthread"
threads = 4
{{/if}}
# {{reason}}
workers = {{workers}}

# A worker that is silent for so long is replaced; one that is asked to go has as long to finish.
timeout = 30
graceful_timeout = 30
keepalive = 5
# Each worker is replaced now and then, not all at once: what leaks comes back.
max_requests = 1000
max_requests_jitter = 100
# Where workers show that they are alive: in memory, so that a slow disk does not look like a dead worker.
worker_tmp_dir = "/dev/shm"
# Only the web server can connect here, so what it says of the client is true.
forwarded_allow_ips = "*"
# The web server writes the log of requests; this one tells what goes wrong, to the journal.
accesslog = None
errorlog = "-"
loglevel = "info"
control_socket_disable = True
