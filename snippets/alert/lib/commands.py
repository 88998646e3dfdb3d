"""The commands of harden-alert."""
import argparse
import json
import sys
import time

from common import Failure, Settings, State, plain, say, stamp
import alerts
import channels
import delivery
import drift
import runbook
import watch


def parser():
    top = argparse.ArgumentParser(prog='harden-alert', description='Tells you what happens on this server. What each command does: see the head of /usr/local/sbin/harden-alert.')
    top.add_argument('--test', action='store_true', help='send one message to everybody who is told')
    top.add_argument('--recent', action='store_true', help='the last alerts')
    top.add_argument('--runbook', nargs='?', const='', metavar='KIND', help='what to do about them')
    top.add_argument('--status', action='store_true', help='who is told, what waits')
    top.add_argument('--retry', action='store_true', help='try now what waits')
    top.add_argument('--json', action='store_true')
    commands = top.add_subparsers(dest='command')
    commands.add_parser('watch').add_argument('--everything', action='store_true', help='also what is looked at seldom')
    commands.add_parser('drift')
    commands.add_parser('unit').add_argument('name')
    return top


def test(settings, as_json):
    answers = delivery.test(settings)
    if as_json:
        print(json.dumps(answers))
    elif not answers:
        print('Nobody is told: alerts are in the journal, and in harden-alert --recent. To name a receiver, run the step "Monitoring" again.')
    else:
        for channel, error in answers.items():
            print(f'{channel}: taken' if error is None else f'{channel}: NOT taken. {error}')
    return 1 if any(answers.values()) else 0


def status(settings, as_json):
    with State('channels') as healths, State('watch') as seen:
        waiting = alerts.waiting()
        value = {
            'channels': {name: healths.get(name, {}) for name in channels.channels(settings)},
            'waiting': len(waiting),
            'oldest': min((alert['time'] for alert in waiting), default=None),
            'lastLook': seen.get('lastLook'),
        }
    if as_json:
        print(json.dumps(value))
        return 0
    for name, health in value['channels'].items():
        print(f'{name}: ' + (f'not reached since {stamp(health["since"])}: {health["error"]}' if health.get('error') else (f'took the last message at {stamp(health["success"])}' if health.get('success') else 'nothing was sent yet')))
    if not value['channels']:
        print('Nobody is told: alerts are in the journal, and in harden-alert --recent.')
    print(f'{value["waiting"]} alerts wait. The last look was at {stamp(value["lastLook"]) if value["lastLook"] else "no time yet"}.')
    return 0


def recent():
    found = alerts.recent(30)
    waiting = {alert['id'] for alert in alerts.waiting()}
    for alert in found:
        print(f'{stamp(alert["time"])}  {alert["kind"]:<11} {plain(alert["title"])}{"  (waits)" if alert["id"] in waiting else ""}')
        for line in alert['lines']:
            print(f'                      {plain(line)}')
    if not found:
        print('There was no alert yet.')
    return 0


def show_runbook(kind):
    if not kind:
        print((runbook.content_of(runbook.FILE) or '').rstrip())
        return 0
    found = runbook.paragraph(kind)
    if not found:
        raise Failure(f'The runbook has no paragraph "{plain(kind, 40)}".')
    print(f'{found[0]}\n\n{found[1]}')
    return 0


def unit(settings, name):
    """Run by systemd as OnFailure= of a unit."""
    if not watch.journal.PASSING.fullmatch(name):
        watch.tell(settings, watch.unit_alert(plain(name, 120), ''))
    delivery.deliver(settings)
    return 0


def run(options):
    if options.runbook is not None:
        return show_runbook(options.runbook)
    settings = Settings()
    if options.test:
        return test(settings, options.json)
    if options.recent:
        return recent()
    if options.status:
        return status(settings, options.json)
    if options.retry:
        return 0 if delivery.deliver(settings, now=True) else 1
    if options.command == 'unit':
        return unit(settings, options.name)
    if options.command == 'watch':
        return watch.watch(settings, options.everything) or 0
    if options.command == 'drift':
        return drift.drift(settings) or 0
    parser().print_help()
    return 2


def main(argv):
    try:
        return run(parser().parse_args(argv))
    except Failure as error:
        say(str(error), 3)
        return 1
    except PermissionError as error:
        say(f'{error.filename}: run it with sudo.', 3)
        return 1
    except BrokenPipeError:
        return 0
