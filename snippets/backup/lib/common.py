"""What every part of harden-backup stands on: the settings, plain failures, results, one run at a time."""
import configparser
import datetime
import fcntl
import json
import os
import socket
import sys

from basics import Failure, seconds_of, write_json

SETTINGS = '/etc/harden/backup'
STATE = '/var/lib/harden-python-vps/backups'
CACHE = '/var/cache/harden-backup'
# Goes into every backup, so that a drill knows what has to come out of it.
MANIFEST = STATE + '/manifest.json'
FILES = 'harden-files'
DATABASE = 'harden-database'


def content_of(name):
    path = os.path.join(SETTINGS, name)
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except FileNotFoundError:
        return None
    except PermissionError:
        raise Failure(f'{path} can be read by root only: use sudo.') from None


class Settings:
    """/etc/harden/backup: backup.conf, and beside it repository, password and credentials, which are secret."""

    def __init__(self):
        text = content_of('backup.conf')
        if text is None:
            raise Failure(f'{SETTINGS}/backup.conf is missing: run the step "Backups" of harden-python-vps.')
        parser = configparser.ConfigParser(interpolation=None, delimiters=('=',))
        parser.read_string(text)
        conf = parser['backup']
        lines = lambda key: [line for line in conf.get(key, '').split('\n') if line]
        self.host = socket.gethostname()
        self.repository = (content_of('repository') or '').strip()
        self.credentials = dict(line.split('=', 1) for line in (content_of('credentials') or '').split('\n') if '=' in line)
        self.app = conf.get('app', '')
        self.app_paths = lines('app-paths')
        self.paths = lines('paths')
        self.server_paths = lines('server-paths')
        self.exclude = lines('exclude')
        self.database = conf.get('database', '')
        # Of PostgreSQL, for all that speaks to it.
        os.environ['PGPORT'] = conf.get('port', '5432')
        self.keep = {kind: conf.getint('keep-' + kind) for kind in ('hourly', 'daily', 'weekly', 'monthly')}
        self.append_only = conf.getboolean('append-only')
        self.limit_upload = conf.getint('limit-upload')
        self.max_age = seconds_of(conf['max-age'])
        self.max_restore_time = seconds_of(conf['max-restore-time'])
        self.reach_within = seconds_of(conf['reach-within'])
        self.stuck_after = seconds_of(conf['stuck-after'])
        if not self.repository:
            raise Failure(f'{SETTINGS}/repository does not say where the backups lie.')

    def is_local(self):
        return self.repository.startswith('/')


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def stamp(moment=None):
    return (moment or now()).strftime('%Y-%m-%dT%H:%M:%SZ')


def say(text):
    """To the journal, or the terminal. Standard output is for answers."""
    print(text, file=sys.stderr, flush=True)


def plainly(text):
    """What came out of a backup may be told, but not steer a terminal."""
    return ''.join(letter if letter.isprintable() else '?' for letter in text)


def words_for(seconds):
    """30 h, 12 min, 4 s."""
    for size, unit in ((86400 * 2, 86400), (3600 * 2, 3600), (120, 60)):
        if seconds >= size:
            return f'{seconds // unit:.0f} ' + {86400: 'days', 3600: 'h', 60: 'min'}[unit]
    return f'{seconds:.0f} s'


def read_json(path):
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return None


class Result:
    """backup.json, drill.json or restore.json: how the last run went, for checks, audits and alarms.

    `state` is running, done or failed; `error` says why. `lastSuccess` is the last run that was done.
    """

    def __init__(self, kind):
        self.path = os.path.join(STATE, kind + '.json')
        before = read_json(self.path) or {}
        self.success = before.get('lastSuccess')
        self.began = now()
        self.fields = {'kind': kind, 'state': 'running', 'startedAt': stamp(self.began)}
        self.write()

    def write(self):
        write_json(self.path, {**self.fields, **({'lastSuccess': self.success} if self.success else {})})

    def note(self, **fields):
        self.fields.update(fields)

    def end(self, error=None):
        ended = now()
        self.note(finishedAt=stamp(ended), seconds=round((ended - self.began).total_seconds(), 1))
        if error is None:
            self.note(state='done')
            self.success = dict(self.fields)
        else:
            self.note(state='failed', error=error)
        self.write()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.end(None if error is None else str(error) or kind.__name__)
        return False


def settle(kind):
    """Run by systemd after a run that was killed: nobody else is left to say that it failed."""
    path = os.path.join(STATE, kind + '.json')
    found = read_json(path)
    if found and found.get('state') == 'running':
        how = os.environ.get('SERVICE_RESULT', 'unknown')
        found.update(state='failed', error=f'It was ended before it was done ({how}).', finishedAt=stamp())
        write_json(path, found)


def one_at_a_time():
    """Backup, drill and restore wait for one another. Returned, so that it is held as long as the program runs."""
    os.makedirs(STATE, mode=0o700, exist_ok=True)
    lock = open(os.path.join(STATE, 'lock'), 'w', encoding='utf-8')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say('Waiting for another backup, drill or restore to end.')
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock
