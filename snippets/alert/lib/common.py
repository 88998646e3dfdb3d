"""What every part of harden-alert stands on: settings, state on disk, one change at a time, text that can be shown."""
import configparser
import contextlib
import fcntl
import json
import os
import socket
import sys
import time

from basics import Failure, seconds_of, write_json

SETTINGS = '/etc/harden/alert'
STATE = '/var/lib/harden-python-vps/alerts'
BACKUPS = '/var/lib/harden-python-vps/backups'


def content_of(path, limit=1_000_000):
    """The text of a regular file; None where there is none. A pipe or a link that somebody put there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise Failure(f'{path} can be read by root only: use sudo.') from None
    except OSError:
        return None
    with os.fdopen(descriptor, 'rb') as file:
        if not (os.fstat(descriptor).st_mode & 0o170000) == 0o100000:
            return None
        return file.read(limit).decode('utf-8', 'replace')


class Settings:
    """/etc/harden/alert: alert.conf, and beside it webhook and smtp-password, which are secret."""

    def __init__(self):
        text = content_of(f'{SETTINGS}/alert.conf')
        if text is None:
            raise Failure(f'{SETTINGS}/alert.conf is missing: run the step "Monitoring" of harden-python-vps.')
        parser = configparser.ConfigParser(interpolation=None, delimiters=('=',))
        parser.read_string(text)
        conf = parser['alert']
        lines = lambda key: [line for line in conf.get(key, '').split('\n') if line]
        self.host = socket.gethostname()
        self.webhook = (content_of(f'{SETTINGS}/webhook') or '').strip()
        self.format = conf.get('format', 'auto')
        self.email = conf.get('email', '')
        self.sender = conf.get('from', '')
        self.smtp_host = conf.get('smtp-host', '')
        self.smtp_port = conf.getint('smtp-port', 587)
        self.smtp_user = conf.get('smtp-user', '')
        self.smtp_password = (content_of(f'{SETTINGS}/smtp-password') or '').strip('\n')
        self.ca_file = conf.get('ca-file', '')
        self.repeat_after = seconds_of(conf['repeat-after'])
        self.disk = conf.getint('disk')
        self.memory = conf.getint('memory')
        self.certificate_days = conf.getint('certificate-days')
        self.updates_after = seconds_of(conf['updates-after'])
        self.app = conf.get('app', '')
        self.sites = lines('sites')
        self.certificates = lines('certificates')
        drill = conf.get('drill-max-age', '')
        self.drill_max_age = seconds_of(drill) if drill else None
        self.central_log = conf.getboolean('central-log', False)


def say(text, level=6):
    """To the journal, with its weight (sd-daemon(3)), or the terminal."""
    weight = f'<{level}>' if 'JOURNAL_STREAM' in os.environ else ''
    print('\n'.join(weight + line for line in text.split('\n')), file=sys.stderr, flush=True)


def stamp(moment=None):
    return time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(time.time() if moment is None else moment))


def plain(text, limit=300):
    """One line of what others wrote: nothing in it moves a cursor, begins a header, or goes on for ever."""
    line = ''.join(letter if letter.isprintable() else ' ' for letter in str(text)).strip()
    return line if len(line) <= limit else line[:limit - 1] + '…'


def read_json(path):
    try:
        return json.loads(content_of(path, 20_000_000) or '')
    except ValueError:
        return None


@contextlib.contextmanager
def locked(name):
    """Two programs that change one file would lose what one of them wrote."""
    os.makedirs(STATE, mode=0o700, exist_ok=True)
    with open(f'{STATE}/{name}.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class State:
    """A JSON file that is read, changed and written as one: `with State('watch') as watch: watch['cursor'] = …`."""

    def __init__(self, name):
        self.name = name
        self.path = f'{STATE}/{name}.json'

    def __enter__(self):
        self.lock = locked(self.name)
        self.lock.__enter__()
        self.value = read_json(self.path)
        if not isinstance(self.value, dict):
            self.value = {}
        self.before = json.dumps(self.value, sort_keys=True)
        return self.value

    def __exit__(self, *error):
        try:
            if error[0] is None and json.dumps(self.value, sort_keys=True) != self.before:
                write_json(self.path, self.value)
        finally:
            self.lock.__exit__(*error)
        return False
