"""The way back. Everything is fetched and compared first; only then is anything replaced, and what it replaces is kept aside."""
import datetime
import json
import os
import re
import shutil
import stat
import subprocess

from common import MANIFEST, STATE, Failure, Result, now, one_at_a_time, read_json, say
import backup
import database
import drill
import rebuild
import repository

SCRATCH = drill.SCRATCH
ASIDE = '/var/lib/harden-python-vps/replaced'
# What stands for the database among the paths.
WORD = 'database'


class Wanted:
    """What is to come back: paths, and whether the database does. Without a word: the app as a whole."""

    def __init__(self, settings, arguments):
        paths = [argument for argument in arguments if argument != WORD]
        for path in paths:
            if not path.startswith('/'):
                raise Failure(f'{path} is not an absolute path. For the database write: {WORD}')
        self.named = [os.path.normpath(path) for path in paths]
        self.paths = self.named if arguments else [*settings.app_paths, *settings.paths]
        self.database = bool(settings.database) and (not arguments or WORD in arguments)
        if WORD in arguments and not settings.database:
            raise Failure('No database is backed up here.')
        if not self.paths and not self.database:
            raise Failure('No app and no database are backed up here as a whole. Name what you want: harden-python-vps restore /etc/nginx')

    def covers(self, path):
        return any(path == wanted or path.startswith(wanted.rstrip('/') + '/') for wanted in self.paths)


def moment(text):
    """Seconds since 1970, of the time as restic prints it."""
    zone = text[-6:] if text[-6] in '+-' else '+00:00'
    return datetime.datetime.fromisoformat(text[:19] + zone).timestamp()


def listed(settings, snapshot, wanted):
    """What the backup has of it: files and links by path."""
    output = repository.run(settings, 'ls', '--json', snapshot.id)
    for line in output.split('\n'):
        node = json.loads(line) if line else {}
        if node.get('type') in ('file', 'symlink') and wanted.covers(node['path']):
            yield node


def compare(node):
    """missing, same, older or newer: how the thing on disk stands to the one in the backup."""
    try:
        found = os.lstat(node['path'])
    except (FileNotFoundError, NotADirectoryError):
        return 'missing'
    is_link = node['type'] == 'symlink'
    if is_link and stat.S_ISLNK(found.st_mode):
        return 'same' if node.get('linktarget') in (None, os.readlink(node['path'])) else 'older'
    modified = moment(node['mtime'])
    if not is_link and stat.S_ISREG(found.st_mode) and found.st_size == node.get('size', 0) and int(found.st_mtime) == int(modified):
        return 'same'
    return 'newer' if found.st_mtime > modified + 1 else 'older'


def with_real(settings, wanted):
    """Code that is linked to lies in the backup under its real path as well."""
    real = [os.path.realpath(path) for path in wanted.paths]
    wanted.paths = list(dict.fromkeys([*wanted.paths, *real]))
    return wanted


def plan(settings, arguments, chosen=None):
    """What a restore would do. Changes nothing."""
    wanted = with_real(settings, Wanted(settings, arguments))
    snapshot = repository.choose(settings, chosen)
    sorts = {'missing': [], 'same': [], 'older': [], 'newer': []}
    size = 0
    for node in listed(settings, snapshot, wanted):
        sort = compare(node)
        sorts[sort].append(node['path'])
        size += 0 if sort == 'same' else node.get('size', 0)
    total = sum(len(paths) for paths in sorts.values())
    if wanted.named and not total:
        raise Failure(f'The backup {snapshot.short} has nothing of: {", ".join(wanted.named)}.')
    dump = repository.database_snapshot(settings, snapshot) if wanted.database else None
    if wanted.database and dump is None:
        raise Failure(f'The backup {snapshot.short} has no dump of the database.')
    return {
        'snapshot': snapshot.plain(),
        'paths': wanted.paths,
        'counts': {sort: len(paths) for sort, paths in sorts.items()},
        'examples': {sort: paths[:20] for sort, paths in sorts.items() if sort != 'same'},
        'bytes': size,
        'database': None if dump is None else {'name': settings.database, 'snapshot': dump.short, 'present': present_rows(settings.database)},
    }


def present_rows(name):
    """How many rows the database has now; None where there is none."""
    return sum(database.counts(name).values()) if database.exists(name) else None


class Folder:
    """A folder opened without ever following a link that somebody other than root could have put in the way."""

    def __init__(self, path, like):
        self.descriptor = os.open('/', os.O_RDONLY | os.O_DIRECTORY)
        walked = '/'
        for name in [part for part in path.split('/') if part]:
            walked = os.path.join(walked, name)
            self.step(name, walked, like)

    def step(self, name, walked, like):
        try:
            found = os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            os.mkdir(name, 0o700, dir_fd=self.descriptor)
            imitate(self.descriptor, name, like + walked)
            found = None
        if found is not None and stat.S_ISLNK(found.st_mode):
            parent = os.fstat(self.descriptor)
            if found.st_uid != 0 or parent.st_uid != 0 or parent.st_mode & 0o022:
                raise Failure(f'{walked} is a link that others than root can change, so nothing is written through it. Look where it leads, move it away, and try again.')
            following = 0
        else:
            following = os.O_NOFOLLOW
        opened = os.open(name, os.O_RDONLY | os.O_DIRECTORY | following, dir_fd=self.descriptor)
        os.close(self.descriptor)
        self.descriptor = opened

    def __enter__(self):
        return self.descriptor

    def __exit__(self, *_):
        os.close(self.descriptor)


def imitate(folder, name, model):
    """Owner, mode and times of the restored twin."""
    try:
        found = os.lstat(model)
    except FileNotFoundError:
        return
    os.chown(name, found.st_uid, found.st_gid, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        os.chmod(name, stat.S_IMODE(found.st_mode), dir_fd=folder)
    os.utime(name, ns=(found.st_atime_ns, found.st_mtime_ns), dir_fd=folder, follow_symlinks=False)


def move(source, folder, name):
    """To a name in an open folder, also on another file system."""
    try:
        os.rename(source, name, dst_dir_fd=folder)
        return
    except OSError as error:
        if error.errno != 18:
            raise
    if os.path.islink(source):
        os.symlink(os.readlink(source), name, dir_fd=folder)
    else:
        temporary = f'.{name[:200]}.harden'
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        with open(source, 'rb') as reading, os.fdopen(descriptor, 'wb') as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
            writing.flush()
            os.fsync(writing.fileno())
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    imitate(folder, name, source)
    os.unlink(source)


def keep_aside(folder, name, path, aside):
    """Moves what is there out of the way, to the same path below `aside`. Returns whether there was anything."""
    try:
        os.lstat(f'/proc/self/fd/{folder}/{name}')
    except FileNotFoundError:
        return False
    target = aside + path
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    source = f'/proc/self/fd/{folder}/{name}'
    if os.path.isdir(source) and not os.path.islink(source):
        shutil.copytree(source, target, symlinks=True)
        shutil.rmtree(source)
    else:
        holder = os.open(os.path.dirname(target), os.O_RDONLY | os.O_DIRECTORY)
        try:
            move(source, holder, os.path.basename(target))
        finally:
            os.close(holder)
    return True


def place(path, aside):
    """One restored file takes its place. Returns whether something was moved aside for it."""
    with Folder(os.path.dirname(path), SCRATCH) as folder:
        name = os.path.basename(path)
        moved = keep_aside(folder, name, path, aside)
        move(SCRATCH + path, folder, name)
        return moved


def empty_folders(wanted):
    """Folders that have nothing in them in the backup come back too."""
    for path, _, _ in os.walk(SCRATCH):
        real = path[len(SCRATCH):]
        if wanted.covers(real) and not os.path.lexists(real):
            with Folder(real, SCRATCH):
                pass


class App:
    """The app's own units, stopped while its files and rows are exchanged."""

    def __init__(self, settings):
        self.units = [f'{settings.app}.socket', f'{settings.app}.service'] if settings.app else []
        self.started = []

    def systemctl(self, *arguments):
        return subprocess.run(['systemctl', *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd='/')

    def stop(self):
        present = [unit for unit in self.units if self.systemctl('cat', unit).returncode == 0]
        # What failed because its files were gone is to run again as well.
        self.started = [unit for unit in present if self.systemctl('is-active', unit).stdout.strip() in ('active', 'activating', 'reloading', 'failed') or self.systemctl('is-enabled', unit).returncode == 0]
        if self.started:
            self.systemctl('stop', *self.started)

    def start(self):
        self.systemctl('reset-failed', *self.started)
        failed = [unit for unit in self.started if self.systemctl('start', unit).returncode != 0]
        if failed:
            raise Failure(f'Everything is restored, but {failed[0]} did not start again. Look why: journalctl -u {failed[0]}')


def restore(settings, arguments, chosen=None, replace_newer=False):
    lock = one_at_a_time()
    with Result('restore') as result:
        drill.clear()
        try:
            fields = run(settings, arguments, chosen, replace_newer, result)
        finally:
            drill.clear()
    lock.close()
    return fields


def included(paths):
    """As options of restic, which takes patterns: each path is meant to the letter."""
    return [word for path in paths for word in ('--include', re.sub(r'([\\*?\[])', r'\\\1', path))]


def fetch(settings, snapshot, wanted):
    os.makedirs(SCRATCH, mode=0o700)
    say(f'Fetching the backup {snapshot.short} and comparing its checksums.')
    repository.run(settings, 'restore', snapshot.id, '--target', SCRATCH, '--verify', *included([*wanted.paths, MANIFEST]))
    hand_over(drill.restored_manifest(snapshot))


def hand_over(manifest):
    """On another server the app's user may have another number: what was the app's there is the app's here."""
    then, here = manifest['owner'], backup.owner_of(manifest['app'])
    if not then or not here or then == here:
        return
    for folder, folders, files in os.walk(SCRATCH):
        for path in [os.path.join(folder, name) for name in [*folders, *files]]:
            found = os.lstat(path)
            uid = here[0] if found.st_uid == then[0] else -1
            gid = here[1] if found.st_gid == then[1] else -1
            if (uid, gid) != (-1, -1):
                mode = stat.S_IMODE(found.st_mode)
                os.chown(path, uid, gid, follow_symlinks=False)
                if not stat.S_ISLNK(found.st_mode):
                    os.chmod(path, mode)


def to_write(settings, snapshot, wanted, replace_newer):
    """The paths that are written, and those that stay since they are newer. A file that was named itself is meant."""
    writing, kept = [], []
    for node in listed(settings, snapshot, wanted):
        sort = compare(node)
        if sort == 'newer' and not replace_newer and node['path'] not in wanted.named:
            kept.append(node['path'])
        elif sort != 'same':
            writing.append(node['path'])
    return writing, kept


def run(settings, arguments, chosen, replace_newer, result):
    wanted = with_real(settings, Wanted(settings, arguments))
    snapshot = repository.choose(settings, chosen)
    at = now().strftime('%Y%m%d_%H%M%S')
    aside = f'{ASIDE}/{at}'
    writing, kept = to_write(settings, snapshot, wanted, replace_newer)
    fetch(settings, snapshot, wanted)
    beside, notes = prepare_database(settings, snapshot, wanted)
    app = App(settings)
    app.stop()
    try:
        moved = sum([place(path, aside) for path in writing])
        empty_folders(wanted)
        old = None
        if beside:
            name = f'{settings.database[:40]}_before_{at}'
            old = name if rebuild.swap(settings.database, beside, name) else None
    finally:
        if app.started:
            app.start()
    fields = {'snapshot': snapshot.short, 'snapshotTime': snapshot.time, 'written': len(writing), 'kept': kept[:20], 'keptCount': len(kept),
              'aside': aside if moved else None, 'database': settings.database if beside else None, 'oldDatabase': old, 'notes': notes}
    result.note(**fields)
    return fields


def prepare_database(settings, snapshot, wanted):
    """The restored database beside the one in use, and what did not come back, in words."""
    if not wanted.database:
        return None, []
    manifest = drill.restored_manifest(snapshot)
    dump = repository.database_snapshot(settings, snapshot)
    if dump is None or not manifest['database']:
        raise Failure(f'The backup {snapshot.short} has no dump of the database.')
    rebuild.drop_scratch()
    beside = f'{rebuild.BESIDE}{os.getpid()}'
    say(f'Restoring the dump of {settings.database} beside it and counting its rows.')
    return beside, rebuild.restore_beside(settings, beside, dump, manifest['database'])


def restore_to(settings, arguments, chosen, folder):
    """Everything into an empty folder of its own, the dump as a file. Touches nothing else."""
    lock = one_at_a_time()
    wanted = with_real(settings, Wanted(settings, arguments))
    folder = os.path.abspath(folder)
    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise Failure(f'{folder} is not an empty folder.')
    snapshot = repository.choose(settings, chosen)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if wanted.paths:
        repository.run(settings, 'restore', snapshot.id, '--target', folder, '--verify', *included(wanted.paths))
    files = sum(len(names) for _, _, names in os.walk(folder))
    if wanted.named and not files:
        raise Failure(f'The backup {snapshot.short} has nothing of: {", ".join(wanted.named)}.')
    dump = repository.database_snapshot(settings, snapshot) if wanted.database else None
    if dump:
        path = os.path.join(folder, f'{settings.database}.dump')
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as file:
            stream = repository.Stream(settings, 'dump', dump.id, repository.dump_file(settings, dump), stdin=subprocess.DEVNULL, stdout=file)
            stream.finish()
    lock.close()
    return {'snapshot': snapshot.short, 'snapshotTime': snapshot.time, 'folder': folder, 'written': files, 'dump': path if dump else None}
