"""Alerts: told once, counted while they repeat, kept until somebody took them."""
import json
import os
import secrets
import time

from common import STATE, State, locked, plain, read_json, say, stamp, write_json
import runbook

QUEUE = f'{STATE}/queue'
LOG = f'{STATE}/log.jsonl'
LOG_LINES = 500
# What waits longer than this is given up: whoever reads it then learns nothing from it.
OLDEST = 7 * 86400
FORGET = 90 * 86400
LEVEL = {'high': 3, 'medium': 4, 'low': 5}


def body_of(alert):
    """The alert as text, with the first words of the runbook."""
    lines = list(alert['lines'])
    if alert.get('times', 1) > 1:
        lines.append(f'It happened {alert["times"]} times since {stamp(alert["since"])}.')
    elif alert.get('still'):
        lines.append(f'It has been so since {stamp(alert["since"])}.')
    aid = runbook.first_aid(alert['kind'])
    if aid:
        lines += ['', f'What to do: {aid}']
    if runbook.paragraph(alert['kind']):
        lines.append(f'Runbook: sudo harden-alert --runbook {alert["kind"]} (docs/runbook.md#{alert["kind"]})')
    return '\n'.join(lines)


def log(alert):
    """For `harden-alert --recent`. The newest lines stay."""
    with locked('log'):
        lines = []
        if os.path.exists(LOG):
            with open(LOG, encoding='utf-8') as file:
                lines = file.readlines()[-LOG_LINES:]
        with open(LOG + '.new', 'w', encoding='utf-8', opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o600)) as file:
            file.writelines([*lines, json.dumps(alert, ensure_ascii=False) + '\n'])
        os.rename(LOG + '.new', LOG)


def recent(count):
    if not os.path.exists(LOG):
        return []
    with open(LOG, encoding='utf-8') as file:
        return [json.loads(line) for line in file.readlines()[-count:]]


def enqueue(settings, alert):
    """To the journal, to the log, and into the queue of those who are told."""
    alert = {'id': f'{time.time_ns()}-{secrets.token_hex(4)}', 'time': time.time(), 'host': settings.host, **alert}
    say(f'ALERT {alert["title"]}\n' + '\n'.join(f'  {line}' for line in alert['lines']), LEVEL[alert['severity']])
    log(alert)
    if settings.webhook or settings.email:
        os.makedirs(QUEUE, mode=0o700, exist_ok=True)
        write_json(f'{QUEUE}/{alert["id"]}.json', {**alert, 'done': []})


def tell(settings, kind, key, title, lines, severity='medium', standing=None):
    """
    Tells, unless the same was told within the time of `repeat-after`: then it is counted. `standing`: seconds between two
    looks at something that lasts; it is not counted, and told anew after it was away for a while. Returns whether it was told.
    """
    now = time.time()
    title, lines = plain(title, 120), [plain(line) for line in lines]
    with State('told') as told:
        known = told.get(key)
        is_still = bool(known and standing is not None and now - known['last'] < max(3600, 2.5 * standing))
        if known and now - known['sent'] < settings.repeat_after and (standing is None or is_still):
            known['last'] = now
            if standing is None:
                known.update(count=known['count'] + 1, title=title, lines=lines)
            return False
        since = known['since'] if is_still else (known['sent'] if known and known['count'] else now)
        times = 1 + (known['count'] if known else 0)
        told[key] = {'sent': now, 'last': now, 'since': since if is_still else now, 'count': 0, 'kind': kind, 'severity': severity, 'title': title, 'lines': lines}
        enqueue(settings, {'kind': kind, 'key': key, 'severity': severity, 'title': title, 'lines': lines, 'times': times, 'since': since, 'still': is_still})
    return True


def sum_up(settings):
    """What repeated and then ended is told as well, once its time is over."""
    now = time.time()
    with State('told') as told:
        for key, known in list(told.items()):
            if now - known['last'] > FORGET:
                del told[key]
            elif known['count'] and now - known['sent'] >= settings.repeat_after:
                enqueue(settings, {**{name: known[name] for name in ('kind', 'severity', 'title', 'lines')}, 'key': key, 'times': known['count'], 'since': known['sent'], 'still': False})
                known.update(sent=now, count=0)


def waiting():
    """What is in the queue, oldest first."""
    names = sorted(os.listdir(QUEUE)) if os.path.isdir(QUEUE) else []
    found = [read_json(f'{QUEUE}/{name}') for name in names if name.endswith('.json')]
    return [alert for alert in found if isinstance(alert, dict)]
