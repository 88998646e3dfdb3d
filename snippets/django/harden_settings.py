# Written by harden-python-vps: your own settings ({{settings}}), and on top of them what production needs.
# Yours are imported and not changed. To see what is in force: {{name}}.service has DJANGO_SETTINGS_MODULE=harden_settings.
import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from {{settings}} import *  # noqa: F401,F403

_own = dict(globals())

# Errors never show your code or settings to a visitor.
DEBUG = False
# A secret of this server's own, handed over by systemd; it stands in no file of your code.
SECRET_KEY = os.environ["SECRET_KEY"]
# Requests for any other name are refused. The last ones are for looking after it from the server itself.
ALLOWED_HOSTS = [{{hosts}}]

# Nginx says by this header whether the visitor came by HTTPS, and overwrites what a visitor puts there.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
{{#if https}}
SECURE_SSL_REDIRECT = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# How long browsers insist on HTTPS (HSTS) is Nginx's to say, for static files too, and raised step by step; said
# twice it would contradict itself. So Django need not warn that it does not say it.
SILENCED_SYSTEM_CHECKS = [*_own.get("SILENCED_SYSTEM_CHECKS", []), "security.W004"]
SECURE_HSTS_SECONDS = 0
{{else}}
# There is no HTTPS yet (the step https was not taken): with these on, nobody could use the site.
SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
{{/if}}
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
if _own.get("X_FRAME_OPTIONS", "DENY") not in ("DENY", "SAMEORIGIN"):
    X_FRAME_OPTIONS = "DENY"

# The debug toolbar stays at home, and what makes use of the settings above comes first.
_tools = ("debug_toolbar", "silk", "django_extensions")
INSTALLED_APPS = [app for app in _own.get("INSTALLED_APPS", []) if app.split(".")[0] not in _tools]
MIDDLEWARE = [entry for entry in _own.get("MIDDLEWARE", []) if entry.split(".")[0] not in _tools]
if "django.middleware.security.SecurityMiddleware" not in MIDDLEWARE:
    MIDDLEWARE.insert(0, "django.middleware.security.SecurityMiddleware")

# The code is read-only here: what the app writes goes to its own folder.
STATIC_ROOT = os.environ["STATIC_ROOT"]
MEDIA_ROOT = os.environ["MEDIA_ROOT"]
DATABASES = dict(_own.get("DATABASES", {}))
_data = Path(os.environ["DATA_DIR"])
# Without a driver among your requirements (psycopg) the app goes on with the database it had.
_driver = find_spec("psycopg") or find_spec("psycopg2")
if _driver and os.environ.get("DATABASE_URL", "").startswith(("postgres://", "postgresql://")):
    _url = urlsplit(os.environ["DATABASE_URL"])
    DATABASES["default"] = {
        **DATABASES.get("default", {}),
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(_url.path.lstrip("/")),
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": unquote(_url.hostname or ""),
        "PORT": str(_url.port or ""),
        "OPTIONS": dict(parse_qsl(_url.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
for _database in DATABASES.values():
    if _database.get("ENGINE") == "django.db.backends.sqlite3" and _data not in Path(_database["NAME"]).parents:
        _database["NAME"] = _data / Path(_database["NAME"]).name
