"""restic, with this server's repository and key. Nothing secret is ever an argument: ps shows those to everybody."""
import json
import os
import shlex
import subprocess
import tempfile
import urllib.parse

from common import CACHE, DATABASE, FILES, SETTINGS, Failure, words_for
from patience import Patience


def address_of(settings):
    """REST servers: older versions of restic take the user and password in the address only."""
    user = settings.credentials.get('RESTIC_REST_USERNAME')
    if not settings.repository.startswith('rest:') or not user:
        return settings.repository
    scheme, rest = settings.repository[len('rest:'):].split('://', 1)
    password = settings.credentials.get('RESTIC_REST_PASSWORD', '')
    quote = lambda text: urllib.parse.quote(text, safe='')
    return f'rest:{scheme}://{quote(user)}:{quote(password)}@{rest}'


def environment(settings):
    return {
        'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'LC_ALL': 'C.UTF-8',
        'HOME': '/root',
        'TMPDIR': os.environ.get('TMPDIR', '/tmp'),
        'RESTIC_CACHE_DIR': CACHE,
        'RESTIC_PASSWORD_FILE': os.path.join(SETTINGS, 'password'),
        **settings.credentials,
        'RESTIC_REPOSITORY': address_of(settings),
    }


def backend_options(settings):
    """Over SSH nobody is there to answer a question: fail instead of waiting for one."""
    if not settings.repository.startswith('sftp:'):
        return []
    place = settings.repository[len('sftp:'):]
    if place.startswith('//'):
        url = urllib.parse.urlsplit('sftp:' + place)
        user = [] if url.username is None else ['-l', url.username]
        port = [] if url.port is None else ['-p', str(url.port)]
        target = [*user, *port, url.hostname]
    else:
        target = [place.split(':', 1)[0]]
    words = ['ssh', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20', '-o', 'ServerAliveInterval=20', *target, '-s', 'sftp']
    return ['-o', 'sftp.command=' + shlex.join(words)]


def argv(settings, *arguments, cache=True):
    # Without the cache everything comes from the repository itself: as it would on a new server.
    return ['restic', *backend_options(settings), *([] if cache else ['--no-cache']), *arguments]


def cleaned(settings, text, lines=6):
    """The last words of a command, without anything secret that it may have repeated."""
    for secret in settings.credentials.values():
        if len(secret) > 3:
            text = text.replace(secret, '***').replace(urllib.parse.quote(secret, safe=''), '***')
    kept = [line for line in text.strip().split('\n') if line.strip()]
    return '\n'.join(kept[-lines:])


def start(settings, *arguments, cache=True, **pipes):
    try:
        return subprocess.Popen(argv(settings, *arguments, cache=cache), env=environment(settings), cwd='/', **pipes)
    except FileNotFoundError:
        raise Failure('restic is not installed: apt-get install restic') from None


def run(settings, *arguments, cache=True, timeout=None, allowed=(0,)):
    """Runs restic to its end and returns its standard output; what it complains of is the Failure."""
    process = start(settings, *arguments, cache=cache, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace')
    patience = Patience(process, settings.stuck_after)
    with process:
        try:
            output, complaints = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            process.kill()
            # Not read to its end: an ssh of restic's may hold it open.
            last = cleaned(settings, (error.stderr or b'').decode(errors='replace'), lines=1)
            raise Failure(f'The repository {settings.repository} did not answer within {timeout:.0f} s. Is the network up, and the address right? {last}'.strip()) from None
    if process.returncode in allowed:
        return output
    raise failure(settings, arguments[0], cleaned(settings, complaints or output), patience)


def failure(settings, what, words, patience):
    if patience and patience.ran_out:
        return Failure(f'restic {what} did nothing for {words_for(settings.stuck_after)} and was ended. {"Its last words: " + words if words else "It said nothing."}')
    return Failure(f'restic {what} failed: {words}')


def open_repository(settings):
    """The repository's id, or a Failure in plain words. Proves address, credentials and key."""
    try:
        return json.loads(run(settings, 'cat', 'config', timeout=settings.reach_within))['id']
    except Failure as error:
        raise Failure(plain(settings, str(error))) from None


def plain(settings, words):
    if 'wrong password' in words or 'no key found' in words:
        return (f'The key in {SETTINGS}/password does not open the repository {settings.repository}. '
                'Give the password that it was made with: it is on its recovery sheet.')
    return words


def connect(settings):
    """Makes the repository where there is none, and opens it. restic init refuses to touch one that is there.

    In this order, since restic asks a place without a repository again and again for a quarter of an hour.
    """
    created = True
    try:
        run(settings, 'init', timeout=settings.reach_within)
    except Failure as error:
        if 'already' not in str(error):
            raise Failure(f'The repository {settings.repository} could be neither made nor opened. {error}') from None
        created = False
    return {'id': open_repository(settings), 'created': created}


def unlock(settings):
    """Takes away locks of runs that are dead: of this server's processes that are gone, or untouched for half an hour."""
    run(settings, 'unlock', timeout=settings.reach_within * 2)


class Snapshot:
    def __init__(self, found):
        self.id = found['id']
        self.short = found['id'][:8]
        self.time = found['time']
        self.host = found['hostname']
        self.tags = found.get('tags') or []
        self.paths = found['paths']
        self.run = next((tag[len('run-'):] for tag in self.tags if tag.startswith('run-')), '')

    def plain(self):
        return {'id': self.short, 'time': self.time, 'host': self.host, 'run': self.run}


def snapshots(settings, tag, host=None, cache=True):
    """Newest last. A run's files are backed up last, so one that has them is whole."""
    found = json.loads(run(settings, 'snapshots', '--json', '--tag', tag, *(['--host', host] if host else []), cache=cache))
    return sorted((Snapshot(entry) for entry in found or []), key=lambda snapshot: snapshot.time)


def database_snapshot(settings, of, cache=True):
    """The dump that belongs to a snapshot of files."""
    found = [dump for dump in snapshots(settings, DATABASE, cache=cache) if dump.run == of.run and dump.host == of.host]
    return found[-1] if found else None


def choose(settings, wanted=None):
    """The snapshot of files that is meant: by the beginning of its id (or of its dump's), or this server's newest."""
    every = snapshots(settings, FILES)
    if wanted and wanted != 'latest':
        found = [entry for entry in every if entry.id.startswith(wanted)]
        if not found:
            runs = {(dump.run, dump.host) for dump in snapshots(settings, DATABASE) if dump.id.startswith(wanted)}
            found = [entry for entry in every if (entry.run, entry.host) in runs]
        if len(found) != 1:
            raise Failure(f'{"No" if not found else "More than one"} backup is called {wanted}. See: harden-backup snapshots')
        return found[0]
    own = [entry for entry in every if entry.host == settings.host]
    if own:
        return own[-1]
    others = sorted({entry.host for entry in every})
    if others:
        raise Failure(f'There is no backup of {settings.host} in {settings.repository}, but of: {", ".join(others)}. '
                      'To restore one of theirs, name it: --snapshot ID. See: harden-backup snapshots')
    raise Failure(f'There is no whole backup in {settings.repository} yet.')


def dump_file(settings, snapshot):
    """The one file in a snapshot of a dump."""
    return snapshot.paths[0]


class Stream:
    """A restic that reads from, or writes to, a program of ours; what it complains of is kept aside meanwhile."""

    def __init__(self, settings, *arguments, cache=True, **pipes):
        self.settings = settings
        self.what = arguments[0]
        self.complaints = tempfile.TemporaryFile()
        self.process = start(settings, *arguments, cache=cache, stderr=self.complaints, **pipes)
        # One that is read from may have to wait long for its reader.
        self.patience = Patience(self.process, settings.stuck_after) if self.what == 'backup' else None

    def words(self):
        self.complaints.seek(0)
        return cleaned(self.settings, self.complaints.read().decode(errors='replace'))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def failure(self):
        return failure(self.settings, self.what, self.words(), self.patience)

    def finish(self):
        if self.process.wait() != 0:
            raise self.failure()
