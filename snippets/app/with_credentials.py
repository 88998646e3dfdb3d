# Written by harden-python-vps: runs a Python file as the service is run, with its secrets in the environment.
# Arguments: the file and its arguments.
import os
import pathlib
import runpy
import sys

for credential in pathlib.Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nonexistent")).glob("*_*"):
    kind, variable = credential.name.split("_", 1)
    if kind in ("app", "sealed"):
        os.environ[variable] = credential.read_text().rstrip("\n")

sys.argv = sys.argv[1:]
sys.path.insert(0, os.getcwd())
runpy.run_path(sys.argv[0], run_name="__main__")
