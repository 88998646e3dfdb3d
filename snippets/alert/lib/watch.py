"""The look of every two minutes."""
import time
import traceback

from common import Failure, State, plain, read_json, say
import alerts
import delivery
import journal
import looks

# Addresses that nobody came from for so long count as new again.
LOGINS_KEPT = 180 * 86400
LEARNED_FROM = '-30d'
# Seconds between two looks at what costs more than a glance.
SELDOM = {'updates': 6 * 3600, 'certificates': 3600, 'reboot': 900, 'backups': 600, 'holes': 900}


def tell(settings, found):
    alerts.tell(settings, found['kind'], found['key'], found['title'], found['lines'], found['severity'], found['standing'])


def has_lasted(lasting, found):
    """What is over in a moment is nobody's business. `lasting`: key → since when, and when it was seen last."""
    now = time.time()
    for key in [key for key, (_, last) in lasting.items() if now - last > 600]:
        del lasting[key]
    if found['patience']:
        since, _ = lasting.get(found['key'], (now, now))
        lasting[found['key']] = (since, now)
        return now - since >= found['patience']
    return True


def learn(state):
    """The first look: who came in lately is known, and nothing that is past is told."""
    state['cursor'] = journal.newest()
    state['logins'] = {}
    for entry in journal.entries(f'--since={LEARNED_FROM}', *journal.SSHD):
        login = journal.login_in(entry)
        if login:
            state['logins'][login['network']] = time.time()


def unit_alert(unit, result):
    """A backup says itself what was wrong."""
    kind = {'harden-backup.service': 'backup', 'harden-drill.service': 'drill'}.get(unit)
    run = read_json(f'{looks.BACKUPS}/{kind}.json') if kind else None
    if isinstance(run, dict) and run.get('state') == 'failed':
        return looks.failed_backup(kind, run)
    return looks.alert('unit', f'unit:{unit}', f'{unit} failed', [f'systemd says: {result or "failed"}.', f'Its own words: journalctl -u {unit}'], 'high')


def events_in(settings, state, entry):
    login = journal.login_in(entry)
    if login:
        is_new = login['network'] not in state['logins']
        state['logins'][login['network']] = time.time()
        if is_new:
            yield looks.alert('login', f'login:{login["network"]}', f'{login["user"]} logged in from a new address: {login["address"]}', [f'By {" ".join(filter(None, (login["method"], login["key"])))}.', 'All logins: journalctl -t sshd -t sshd-session -g Accepted'], 'high')
    refused = journal.refused_in(entry)
    if refused:
        command = f' It was to run {refused["command"]}.' if refused['command'] else ''
        yield looks.alert('sudo', f'sudo:{refused["user"]}', f'{refused["user"]} was refused to act as somebody else', [f'{refused["why"]}.{command}'], 'medium')
    failed = journal.failed_unit_in(entry)
    if failed:
        yield unit_alert(failed['unit'], failed['result'])
    killed = journal.killed_in(entry)
    if killed:
        yield looks.alert('memory', 'memory:killed', f'{killed["program"]} was killed for want of memory', ['The kernel had no other way left.'], 'high')


def read_journal(settings, state):
    if not state.get('cursor'):
        learn(state)
        return
    arguments = [f'--after-cursor={state["cursor"]}', *journal.MATCHES]
    for entry in journal.entries(*arguments):
        for found in events_in(settings, state, entry):
            tell(settings, found)
        state['cursor'] = entry['__CURSOR']
    oldest = time.time() - LOGINS_KEPT
    state['logins'] = {network: seen for network, seen in state['logins'].items() if seen > oldest}


def watch(settings, everything=False):
    """Each look on its own: one that fails keeps no other from being made, and is told by the unit's failure."""
    failures = []
    with State('watch') as state:
        looked = state.setdefault('looked', {})

        def look(name, work):
            if not everything and time.time() - looked.get(name, 0) < SELDOM.get(name, 0) - 30:
                return
            looked[name] = time.time()
            try:
                for found in work():
                    if has_lasted(state.setdefault('lasting', {}), found):
                        tell(settings, found)
            except Exception as error:
                failures.append(f'{name}: {plain(error)}')
                if not isinstance(error, Failure):
                    say(traceback.format_exc(), 3)

        look('journal', lambda: read_journal(settings, state) or [])
        look('bans', lambda: looks.bans(state.setdefault('banned', {})))
        look('disk', lambda: looks.disk(settings))
        look('memory', lambda: looks.memory(settings))
        look('certificates', lambda: looks.certificates(settings))
        look('updates', lambda: looks.updates(settings, state.setdefault('pending', {})))
        look('reboot', lambda: looks.reboot(settings))
        look('backups', lambda: looks.backups(settings))
        look('holes', lambda: looks.holes(settings))
        look('central log', lambda: looks.central_log(settings))
        state['lastLook'] = time.time()
    alerts.sum_up(settings)
    delivery.deliver(settings)
    if failures:
        raise Failure('\n'.join(failures))
