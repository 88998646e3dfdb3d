"""The sample app of harden-python-vps: proves the whole chain until your own code takes its place."""
import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY"),
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Lax",
)
# One proxy stands before it: the client's address and scheme are as that one says.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)


@app.get("/")
def index():
    return "It works: Flask, served by Gunicorn.\n"


@app.get("/health")
def health():
    return {"status": "ok"}
