"""Drift: checks of the audit that passed, or were known to fail, and fail now. What was told once is known from then on."""
import json
import subprocess

from common import Failure, State, plain, say
import alerts
import delivery

FOLDER = '/var/lib/harden-python-vps/audit-tool'
ARGV = [f'{FOLDER}/node', f'{FOLDER}/harden-python-vps.mjs', 'audit', '--json']


def audit():
    """Id → what an audit says of it. It ends with 3 where something fails."""
    result = subprocess.run(ARGV, capture_output=True, encoding='utf-8', errors='replace', timeout=1500)
    try:
        return {check['id']: check for check in json.loads(result.stdout)['checks']}
    except (ValueError, KeyError, TypeError):
        words = [line for line in (result.stderr or result.stdout).split('\n') if line.strip()]
        raise Failure(f'The audit did not come to its end: {plain(words[-1] if words else result.returncode)}') from None


def drift(settings):
    checks = audit()
    failing = sorted(name for name, check in checks.items() if check.get('status') == 'fail')
    with State('drift') as state:
        known = state.get('failing')
        fresh = [] if known is None else [name for name in failing if name not in known]
        if fresh:
            worst = 'high' if any(checks[name].get('severity') == 'high' for name in fresh) else 'medium'
            lines = [f'{plain(checks[name].get("title", name), 100)} ({name}): {plain(checks[name].get("evidence", ""), 150)}' for name in fresh[:10]]
            more = [f'and {len(fresh) - 10} more'] if len(fresh) > 10 else []
            title = 'Something that was set is not so any more' if len(fresh) == 1 else f'{len(fresh)} things that were set are not so any more'
            alerts.tell(settings, 'drift', f'drift:{",".join(fresh)}', title, [*lines, *more], worst)
        # A check that could not be made is neither well nor worse.
        unknown = [name for name in known or [] if checks.get(name, {}).get('status') == 'not-run']
        state['failing'] = sorted({*failing, *unknown})
    say(f'{len(checks)} checks, {len(failing)} fail, {len(fresh)} of them newly.' if known is not None else f'The first look: {len(checks)} checks, {len(failing)} fail. What fails newly from now on is told.')
    delivery.deliver(settings)
