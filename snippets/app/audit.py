# Written by harden-python-vps: looks for known holes in what {{name}} is made of, with pip-audit in an environment of its own,
# which is made for this moment. Run weekly by {{name}}-audit.timer; its findings are in the journal of {{name}}-audit.service.
import glob
import json
import os
import subprocess
import sys
import tempfile

PIP = next(iter(sorted(glob.glob("/usr/share/python-wheels/pip-*.whl"), reverse=True)), None)
SITE = next(iter(glob.glob("{{venv}}/lib/python3*/site-packages")), None)
REPORT = os.path.join(os.environ["RUNTIME_DIRECTORY"], "report.json")


def run(*words, timeout=900):
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, "", f"it did not end within {timeout} seconds")


def last_words(result):
    lines = [line for line in (result.stderr or result.stdout).strip().splitlines() if line.strip()]
    return lines[-1][:300] if lines else f"exit code {result.returncode}"


def outdated():
    result = run(sys.executable, os.path.join(PIP, "pip"), "list", "--outdated", "--format=json", "--path", SITE, "--disable-pip-version-check", "--retries=0", "--timeout=10", timeout=180)
    return json.loads(result.stdout) if result.returncode == 0 and result.stdout.strip() else []


def audit():
    """What pip-audit says as JSON, or why it was not run."""
    if PIP is None or SITE is None:
        return None, "pip or the app's environment is missing"
    with tempfile.TemporaryDirectory() as folder:
        made = run(sys.executable, "-m", "venv", "--without-pip", folder)
        if made.returncode:
            return None, last_words(made)
        python = os.path.join(folder, "bin", "python")
        installed = run(python, os.path.join(PIP, "pip"), "install", "--quiet", "--only-binary=:all:", "--retries=1", "--timeout=15", "--disable-pip-version-check", "pip-audit")
        if installed.returncode:
            return None, "pip-audit could not be installed: " + last_words(installed)
        found = run(python, "-m", "pip_audit", "--path", SITE, "--format=json", "--progress-spinner=off")
        try:
            return json.loads(found.stdout), None
        except ValueError:
            return None, "pip-audit did not come to an end: " + last_words(found)


findings, reason = audit()
report = {"version": 1, "ran": findings is not None, "reason": reason or "", "audit": findings or {"dependencies": []}, "outdated": outdated() if PIP and SITE else []}
with open(REPORT + ".new", "w", encoding="utf-8") as file:
    json.dump(report, file)
os.replace(REPORT + ".new", REPORT)

# The number in front is the weight in the journal (sd-daemon(3)): 4 is a warning.
if reason:
    print(f"<4>Not run: {reason}")
for dependency in report["audit"]["dependencies"]:
    for hole in dependency.get("vulns", []):
        fixed = ", ".join(hole.get("fix_versions", [])) or "no version yet"
        print(f"<4>{dependency['name']} {dependency['version']}: {hole['id']}, corrected in {fixed}")
print(f"<6>{len(report['outdated'])} packages have newer versions: " + ", ".join(f"{entry['name']} {entry['version']} -> {entry['latest_version']}" for entry in report["outdated"]))
