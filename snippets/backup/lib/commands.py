"""The commands of harden-backup."""
import argparse
import json
import os
import sys

from common import DATABASE, FILES, Failure, Settings, say, settle
import backup
import drill
import repository
import restore


def parser():
    top = argparse.ArgumentParser(prog='harden-backup', description='Backups of this server with restic. What each command does: see the head of /usr/local/sbin/harden-backup.')
    commands = top.add_subparsers(dest='command', required=True)
    for name in ('backup', 'drill', 'connect', 'reach', 'snapshots'):
        commands.add_parser(name)
    for name in ('plan', 'restore'):
        command = commands.add_parser(name)
        command.add_argument('--snapshot')
        command.add_argument('paths', nargs='*', metavar='PATH')
        if name == 'restore':
            command.add_argument('--to', metavar='FOLDER')
            command.add_argument('--replace-newer', action='store_true', help='also files that were changed after the backup')
    commands.add_parser('settle').add_argument('kind', choices=('backup', 'drill'))
    commands.add_parser('restic').add_argument('arguments', nargs=argparse.REMAINDER)
    return top


def reach(settings):
    """Proves address, credentials and key, and tells how fresh the newest backup is."""
    identity = repository.open_repository(settings)
    found = repository.snapshots(settings, FILES, settings.host)
    newest = found[-1] if found else None
    return {'id': identity, 'count': len(found), 'newest': newest and {**newest.plain(), 'ageSeconds': round(drill.age_of(newest))}}


def listing(settings):
    dumps = {(dump.run, dump.host): dump for dump in repository.snapshots(settings, DATABASE)}
    return [{**entry.plain(), 'database': (dumps[entry.run, entry.host].short if (entry.run, entry.host) in dumps else None)} for entry in repository.snapshots(settings, FILES)]


def run(options):
    if options.command == 'settle':
        return settle(options.kind)
    settings = Settings()
    if options.command == 'backup':
        return backup.back_up(settings)
    if options.command == 'drill':
        return drill.drill(settings)
    if options.command == 'connect':
        return repository.connect(settings)
    if options.command == 'reach':
        return reach(settings)
    if options.command == 'snapshots':
        return listing(settings)
    if options.command == 'plan':
        return restore.plan(settings, options.paths, options.snapshot)
    if options.command == 'restic':
        os.execvpe('restic', repository.argv(settings, *options.arguments), repository.environment(settings))
    if options.to:
        return restore.restore_to(settings, options.paths, options.snapshot, options.to)
    return restore.restore(settings, options.paths, options.snapshot, options.replace_newer)


def main(arguments):
    os.umask(0o077)
    try:
        answer = run(parser().parse_args(arguments))
    except Failure as error:
        say(str(error))
        return 1
    if answer is not None:
        print(json.dumps(answer, indent='\t'))
    return 0
