"""One backup: the database first, the files after it, so that every row finds its file; then old backups are thinned out."""
import json
import os
import pwd

from common import DATABASE, FILES, MANIFEST, STATE, Failure, Result, one_at_a_time, say, stamp, write_json
from common import now
import database
import repository


def sources(settings):
    """What is backed up. Something that should be there and is not would quietly fall out of every backup: it is told."""
    wanted = [*settings.app_paths, *settings.paths, *settings.server_paths]
    missing = [path for path in wanted if not os.path.lexists(path)]
    if missing:
        raise Failure(f'Not there, so not backed up: {", ".join(missing)}. If that is as it should be, take it out of the answers and run the step "Backups" again; '
                      'if it was lost: harden-python-vps restore')
    # Code that lies elsewhere is linked to: the link alone would be no backup of it.
    real = [os.path.realpath(path) for path in wanted]
    return list(dict.fromkeys([*wanted, *real]))


def excluded(settings):
    own = [f'{STATE}/scratch', f'{STATE}/lock', '/var/lib/harden-python-vps/replaced', *([settings.repository] if settings.is_local() else [])]
    return [word for pattern in [*own, '__pycache__', *settings.exclude] for word in ('--exclude', pattern)]


def limits(settings):
    return ['--limit-upload', str(settings.limit_upload)] if settings.limit_upload else []


def back_up_files(settings, run):
    options = ['--json', '--quiet', *limits(settings), '--exclude-caches', '--tag', FILES, '--tag', f'run-{run}', '--host', settings.host, *excluded(settings)]
    # 3: a file vanished or changed its owner while it was read. Once may be chance.
    for last in (False, True):
        try:
            output = repository.run(settings, 'backup', *options, '--', *sources(settings))
            return json.loads(output.strip().split('\n')[-1])
        except Failure as error:
            if last or is_full(error):
                raise
            say(f'Once more, since: {error}')
    return None


def thin_out(settings):
    """Keeps so many, of files and dumps alike, and removes what nothing needs any more."""
    if settings.append_only:
        say('Old backups are thinned out elsewhere: the credentials of this server may only add.')
        return
    keep = [word for kind, count in settings.keep.items() if count > 0 for word in (f'--keep-{kind}', str(count))]
    for tag in (DATABASE, FILES):
        repository.run(settings, 'forget', '--quiet', '--tag', tag, '--host', settings.host, '--group-by', 'host', *keep)
    repository.run(settings, 'prune', '--quiet')


def owner_of(app):
    """The numbers of the app's user and group, if there is one."""
    try:
        found = pwd.getpwnam(app)
    except KeyError:
        return None
    return [found.pw_uid, found.pw_gid]


def is_full(error):
    return 'no space left on device' in str(error)


def make_room(settings):
    """What a backup onto a full disk has written is of no use, and would keep the disk full: each try adds to it."""
    if settings.append_only:
        return
    try:
        repository.unlock(settings)
        repository.run(settings, 'prune', '--quiet')
        say('What it had written was taken away again.')
    except Failure as error:
        say(f'What it had written could not be taken away: {error}')


def back_up(settings):
    lock = one_at_a_time()
    with Result('backup') as result:
        run = now().strftime('%Y%m%d%H%M%S')
        result.note(run=run, repository=settings.repository)
        repository.open_repository(settings)
        repository.unlock(settings)
        try:
            summary, added = back_up_all(settings, run, result)
        except Failure as error:
            if is_full(error):
                make_room(settings)
            raise
        thin_out(settings)
        say(f'Done: snapshot {summary["snapshot_id"][:8]}, {summary["total_files_processed"]} files, {added} bytes added.')
    lock.close()


def back_up_all(settings, run, result):
    """The database, then the files; returns restic's summary of the files, and how many bytes both added."""
    manifest = {'run': run, 'host': settings.host, 'app': settings.app, 'time': stamp(), 'owner': owner_of(settings.app), 'database': None}
    added = 0
    if settings.database:
        say(f'Dumping the database {settings.database}.')
        manifest['database'], summary = database.back_up(settings, run, limits(settings))
        added += summary['data_added']
        result.note(database={'name': settings.database, 'bytes': manifest['database']['bytes'], 'rows': sum(manifest['database']['rows'].values()), 'snapshot': summary['snapshot_id'][:8]})
    write_json(MANIFEST, manifest)
    say('Backing up files.')
    summary = back_up_files(settings, run)
    added += summary['data_added']
    result.note(snapshot=summary['snapshot_id'][:8], files=summary['total_files_processed'], bytes=summary['total_bytes_processed'], bytesAdded=added)
    return summary, added
