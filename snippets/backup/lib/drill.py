"""The proof that backups can be restored: the newest one comes back to a scratch place, as it would on a new server."""
import datetime
import os
import shutil
import time

from common import FILES, MANIFEST, STATE, Failure, Result, now, one_at_a_time, read_json, say, words_for
import rebuild
import repository

SCRATCH = STATE + '/scratch'


def clear():
    shutil.rmtree(SCRATCH, ignore_errors=True)


def restored_manifest(snapshot):
    manifest = read_json(SCRATCH + MANIFEST)
    if not manifest or manifest.get('run') != snapshot.run:
        raise Failure(f'{MANIFEST} did not come out of the backup {snapshot.short} as it was written into it.')
    return manifest


def drill_database(settings, snapshot, about):
    """The dump in a database of its own, counted. Returns what did not come back, in words."""
    dump = repository.database_snapshot(settings, snapshot, cache=False)
    if dump is None:
        raise Failure(f'The dump of {about["name"]} that belongs to the backup {snapshot.short} is not in the repository.')
    rebuild.drop_scratch()
    say(f'Restoring the dump of {about["name"]} and counting its rows.')
    return rebuild.restore_beside(settings, f'{rebuild.SCRATCH}{os.getpid()}', dump, about, cache=False, stays=False)


def age_of(snapshot):
    # Go prints nanoseconds, of which Python takes six digits: whole seconds are enough.
    return (now() - datetime.datetime.fromisoformat(snapshot.time[:19] + '+00:00')).total_seconds()


def newest(settings):
    found = repository.snapshots(settings, FILES, settings.host, cache=False)
    if not found:
        raise Failure(f'There is no backup of {settings.host} in {settings.repository}.')
    return found[-1]


def over_limits(settings, age, seconds):
    limits = []
    if age > settings.max_age:
        limits.append(f'The newest backup is {words_for(age)} old, and your limit is {words_for(settings.max_age)}.')
    if seconds > settings.max_restore_time:
        limits.append(f'Restoring took {words_for(seconds)}, and your limit is {words_for(settings.max_restore_time)}.')
    return limits


def drill(settings):
    lock = one_at_a_time()
    with Result('drill') as result:
        clear()
        try:
            result.note(repository=settings.repository, **run(settings))
        finally:
            clear()
        result_limits = over_limits(settings, result.fields['ageSeconds'], result.fields['restoreSeconds'])
        if result_limits:
            raise Failure(' '.join(result_limits))
        say(f'Passed: {result.fields["files"]} files and {result.fields["rows"]} rows came back in {words_for(result.fields["restoreSeconds"])}, from a backup {words_for(result.fields["ageSeconds"])} old.')
    lock.close()


def run(settings):
    """Returns what was restored and how long it took. Nothing of an earlier run helps: no cache, an empty folder."""
    repository.open_repository(settings)
    snapshot = newest(settings)
    age = age_of(snapshot)
    began = time.monotonic()
    os.makedirs(SCRATCH, mode=0o700)
    say(f'Restoring the backup {snapshot.short} to {SCRATCH}.')
    # Every file that was written is read again and compared with the checksums in the repository.
    repository.run(settings, 'restore', snapshot.id, '--target', SCRATCH, '--verify', cache=False)
    manifest = restored_manifest(snapshot)
    about = manifest['database']
    notes = drill_database(settings, snapshot, about) if about else []
    seconds = time.monotonic() - began
    files = sum(len(names) for _, _, names in os.walk(SCRATCH))
    say('Looking through the structure of the whole repository.')
    repository.run(settings, 'check', '--quiet', '--no-lock')
    return {
        'snapshot': snapshot.short, 'snapshotTime': snapshot.time, 'ageSeconds': round(age), 'restoreSeconds': round(seconds, 1),
        'files': files, 'rows': sum(about['rows'].values()) if about else 0, 'tables': len(about['rows']) if about else 0,
        'notes': notes,
    }
