"""The sample app of harden-python-vps: proves the whole chain until your own code takes its place."""
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

# The pages of documentation are for developers: not in production.
app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/", response_class=PlainTextResponse)
async def index():
    return "It works: FastAPI, served by Uvicorn under Gunicorn.\n"


@app.get("/health")
async def health():
    return {"status": "ok"}
