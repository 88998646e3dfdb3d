"""The way back of a database: beside the one in use, by a role without rights, counted, and only then handed to its owner."""
import json
import subprocess
import tempfile

from common import Failure, plainly, say
from database import ask, counts, exists, identifier, literal, start
from repository import Stream, dump_file
from rights import adopt, default_rights
from throwaway import ROLE, Throwaway, lock_out, remove
from toc import Contents

SCRATCH = 'harden_drill_'
BESIDE = 'harden_restore_'
BY_HAND = 'docs/backups.md of harden-python-vps says how to restore as a superuser by hand, if you trust the backup.'

# What only an admin can have put into a database, and where.
OF_ADMINS = """
SELECT coalesce(json_object_agg(extname, nspname), '{}') FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE NOT EXISTS (SELECT FROM pg_available_extension_versions v WHERE v.name = extname AND v.version = extversion AND (v.trusted OR NOT v.superuser));
"""
# What an owner of a database could not put into it.
FOR_ADMINS = """
SELECT coalesce(json_agg(e.name), '[]') FROM pg_available_extensions e
JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version WHERE v.superuser AND NOT v.trusted;
"""


# A role that may do no more than any other, nor become one that may.
HARMLESS = """
SELECT NOT EXISTS (SELECT FROM pg_roles p WHERE (p.rolsuper OR p.rolcreaterole OR p.rolreplication OR p.rolname LIKE 'pg\\_%') AND p.rolname <> 'pg_database_owner'
  AND pg_has_role(r.oid, p.oid, 'MEMBER')) FROM pg_roles r WHERE rolname = {};
"""


def assert_owner(settings, owner):
    """A dump may make functions that run with the rights of their owner. So a backup does not choose who that is: the database in use does."""
    harmless = ask('postgres', HARMLESS.replace('{}', literal(owner)))
    if not harmless:
        raise Failure(f'The role {owner}, whose database this is, does not exist here. Run the step "PostgreSQL" of harden-python-vps first, or create it: sudo -u postgres createuser {owner}')
    name = settings.database
    here = ask('postgres', f'SELECT rolname, rolsuper FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = {literal(name)};')
    if here and here != f'{owner}|f':
        raise Failure(f'The database in the backup belonged to {owner}, and {name} here to {here.split("|")[0]}. A restored one belongs to the same role, which is no superuser. '
                      f'If that should be {owner}: sudo -u postgres psql -c "ALTER DATABASE {name} OWNER TO {owner}". {BY_HAND}')
    if not here and harmless != 't':
        raise Failure(f'The role {owner}, to whom the database belonged, may do more than others here, and so could what is in the backup. '
                      f'If that is right, make the database first, and try again: sudo -u postgres createdb --owner={owner} {name}')


def create(name, about):
    """An empty database like the one that was dumped, of the role that fills it."""
    ask('postgres', f"CREATE DATABASE {identifier(name)} OWNER {identifier(ROLE)} TEMPLATE template0 ENCODING {literal(about['encoding'])} "
                    f"LC_COLLATE {literal(about['collate'])} LC_CTYPE {literal(about['ctype'])};\n"
                    f'REVOKE ALL ON DATABASE {identifier(name)} FROM PUBLIC;')
    # From version 15 on it is the database owner's by itself.
    ask(name, f"SELECT 'ALTER SCHEMA public OWNER TO {identifier(ROLE)}' WHERE current_setting('server_version_num')::int < 150000 \\gexec")


def drop(name):
    ask('postgres', f'DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE);')


def drop_scratch():
    """What drills and restores that were killed left behind."""
    for name in ask('postgres', f"SELECT datname FROM pg_database WHERE datname ~ '^({SCRATCH}|{BESIDE})[0-9]+$';").split('\n'):
        if name:
            drop(name)
    remove()


def add_extensions(settings, name, contents):
    """Those that only a superuser can add, where an admin has added them to the database in use: not because a dump says so.

    The new database is still empty, so nothing of the dump's is run by it.
    """
    wanted = set(contents.extensions())
    approved = json.loads(ask(settings.database, OF_ADMINS)) if exists(settings.database) else {}
    missing = sorted((wanted & set(json.loads(ask('postgres', FOR_ADMINS)))) - set(approved))
    if missing:
        raise Failure(f'The backup needs what only a superuser may add to a database, and {settings.database} does not have: the extension {", ".join(missing)}. '
                      f'If that is right, add it there (make the database first if it is gone: sudo -u postgres createdb --owner=… {settings.database}), and try again: '
                      f"sudo -u postgres psql -d {settings.database} -c 'CREATE EXTENSION {identifier(missing[0])}'")
    role, schemas = identifier(ROLE), set()
    for extension in sorted(wanted & set(approved)):
        schema = approved[extension]
        if contents.has('SCHEMA', schema):
            schemas.add(schema)
            ask(name, f'CREATE SCHEMA IF NOT EXISTS {identifier(schema)};')
        ask(name, f'CREATE EXTENSION IF NOT EXISTS {identifier(extension)} SCHEMA {identifier(schema)} CASCADE;')
    # Rows of the user's own in tables of extensions are in the dump, and so are servers that a wrapper of theirs leads to.
    ask(name, f"""
        SELECT format('GRANT SELECT, INSERT ON TABLE %s TO {role}', id::regclass) FROM pg_extension, unnest(extconfig) AS id JOIN pg_class c ON c.oid = id WHERE relkind <> 'S' \\gexec
        SELECT format('GRANT ALL ON SEQUENCE %s TO {role}', id::regclass) FROM pg_extension, unnest(extconfig) AS id JOIN pg_class c ON c.oid = id WHERE relkind = 'S' \\gexec
        SELECT format('GRANT USAGE ON FOREIGN DATA WRAPPER %I TO {role}', fdwname) FROM pg_foreign_data_wrapper \\gexec
    """)
    for schema in schemas:
        ask(name, f'ALTER SCHEMA {identifier(schema)} OWNER TO {role};')
    there = ask(name, 'SELECT extname FROM pg_extension;').split('\n')
    contents.without([('COMMENT', f'EXTENSION {extension}') for extension in there] + [('SCHEMA', schema) for schema in schemas])


def fill(settings, name, snapshot, contents, login, cache=True):
    """Restores a dump into a database; fails where either side does."""
    complaints = tempfile.TemporaryFile()
    stream = Stream(settings, 'dump', snapshot.id, dump_file(settings, snapshot), cache=cache, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    with contents.file() as chosen:
        restore = start(['pg_restore', '--exit-on-error', '--no-password', '--no-owner', f'--use-list=/dev/fd/{chosen.fileno()}', f'--dbname={name}'], login,
                        stdin=stream.process.stdout, stdout=subprocess.DEVNULL, stderr=complaints, pass_fds=[chosen.fileno()])
        stream.process.stdout.close()
        failed = restore.wait() != 0
    if failed:
        stream.process.kill() if stream.process.poll() is None else None
    code = stream.process.wait()
    if code > 0:
        raise Failure(f'The dump could not be read from the repository: {stream.words()}')
    if failed:
        complaints.seek(0)
        raise Failure(f'pg_restore failed: {complaints.read().decode(errors="replace").strip()[-500:]}\n'
                      f'It restores without a superuser\'s rights, so that nothing in a backup can use them. {BY_HAND}')


def differences(expected, found):
    """Tables whose rows are not those of the backup, in words."""
    names = sorted(set(expected) | set(found))
    return [f'{name} has {found.get(name, "none")} instead of {expected.get(name, "none")}' for name in names if expected.get(name) != found.get(name)]


def calm(name):
    """Nothing of the dump is at work any more, and no setting that it may have left reaches those who come now."""
    lock_out()
    ask('postgres', f'ALTER DATABASE {identifier(name)} RESET ALL;')


def hand_over(name, owner):
    """All that the throwaway role made, and the database itself, is the owner's; and it has no rights left there."""
    ask(name, f'BEGIN;\nREASSIGN OWNED BY {identifier(ROLE)} TO {identifier(owner)};\nDROP OWNED BY {identifier(ROLE)};\nCOMMIT;')


def told(contents, about):
    """What will not be as it was, for people."""
    notes, owner = [], about['owner']
    if 'defaults' in about:
        contents.without_defaults(owner)
    left, others = contents.leave_out(), contents.of_others(owner)
    if left:
        notes.append(f'Not restored, since only a superuser can: {some(left)}. {BY_HAND}')
    if others:
        notes.append(f'These belonged to another role (the last word) and are now of {owner}: {some(others)}. Give them back with ALTER … OWNER TO, if that matters.')
    return notes


def some(names):
    return '; '.join(names[:10]) + (f'; and {len(names) - 10} more' if len(names) > 10 else '')


def restore_beside(settings, name, snapshot, about, cache=True, stays=True):
    """A database of that name with what was dumped, counted; gone again where that fails, or where it was only to be tried.

    Returns what it did not get back, in words.
    """
    owner = about['owner']
    assert_owner(settings, owner)
    contents = Contents(settings, snapshot, cache)
    with Throwaway() as role:
        try:
            create(name, about)
            notes = told(contents, about)
            add_extensions(settings, name, contents)
            role.enter(name)
            fill(settings, name, snapshot, contents, role.login, cache)
            calm(name)
            wrong = differences(about['rows'], counts(name))
            if wrong:
                raise Failure(f'The database did not come back as it was: {"; ".join(wrong[:5])}')
            if stays:
                hand_over(name, owner)
                notes += adopt(name, about) + default_rights(name, about)
        except BaseException:
            drop(name)
            raise
        if not stays:
            drop(name)
    notes = [plainly(note) for note in notes]
    for note in notes:
        say(note)
    return notes


def swap(name, new, aside):
    """The new one takes the name; the one that had it, if any, goes by `aside`. Both or neither."""
    last = None
    had = exists(name)
    for _ in range(5):
        quiet = f'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ({literal(name)}, {literal(new)});'
        away = f'ALTER DATABASE {identifier(name)} RENAME TO {identifier(aside)};' if had else ''
        try:
            ask('postgres', f'{quiet}\nBEGIN;\n{away}\nALTER DATABASE {identifier(new)} RENAME TO {identifier(name)};\nCOMMIT;')
            return had
        except Failure as error:
            last = error
    raise last
