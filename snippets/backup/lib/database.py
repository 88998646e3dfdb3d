"""PostgreSQL: a consistent dump, what has to come out of it, and the way back. Speaks to it as its own superuser."""
import json
import os
import re
import subprocess
import tempfile

from common import DATABASE, Failure, say
from repository import Stream, dump_file

AS_POSTGRES = {'user': 'postgres', 'group': 'postgres', 'extra_groups': [], 'cwd': '/'}
PSQL = ['psql', '--no-psqlrc', '--no-align', '--tuples-only', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1']
SCRATCH = 'harden_drill_'

# Rows of every table, by PostgreSQL itself, in one answer. What extensions bring is theirs to bring again.
COUNTS = """
SELECT coalesce(json_object_agg(name, rows ORDER BY name), '{}') FROM (
  SELECT format('%I.%I', n.nspname, c.relname) AS name,
    (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM ONLY %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::bigint AS rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
) AS counted;
"""

# What belongs to the database itself, and so is in no dump of its content.
ABOUT = """
SELECT json_build_object(
  'owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding), 'collate', datcollate, 'ctype', datctype,
  'connections', datconnlimit,
  'acl', (SELECT json_agg(json_build_array(CASE WHEN grantee = 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)) FROM aclexplode(datacl)),
  'settings', (SELECT json_agg(json_build_array(CASE WHEN setrole = 0 THEN NULL ELSE pg_get_userbyid(setrole) END, setting)) FROM pg_db_role_setting, unnest(setconfig) AS setting WHERE setdatabase = pg_database.oid)
) FROM pg_database WHERE datname = current_database();
"""


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    # E'' whatever standard_conforming_strings says.
    return "E'" + text.replace('\\', '\\\\').replace("'", "''") + "'"


def start(argv, **pipes):
    # Nothing else of anybody's environment decides where these go.
    environment = {'PATH': '/usr/local/bin:/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'HOME': '/', 'PGPORT': os.environ['PGPORT']}
    try:
        return subprocess.Popen(argv, **AS_POSTGRES, env=environment, **pipes)
    except FileNotFoundError:
        raise Failure(f'{argv[0]} is not installed: apt-get install postgresql-client') from None
    except LookupError:
        raise Failure('There is no user postgres here, so no PostgreSQL to ask.') from None


def ask(database, sql):
    process = start([*PSQL, '--dbname', database, '--file', '-'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    answer, complaint = process.communicate(sql)
    if process.returncode != 0:
        raise Failure(f'PostgreSQL said no: {complaint.strip()[-500:]}')
    return answer.strip()


def counts(database):
    return json.loads(ask(database, COUNTS))


def exists(database):
    return ask('postgres', f'SELECT count(*) FROM pg_database WHERE datname = {literal(database)};') == '1'


class Frozen:
    """One moment of a database, held while it is dumped and counted: both see the very same rows."""

    def __init__(self, database):
        self.database = database
        self.complaints = tempfile.TemporaryFile()
        self.process = start([*PSQL, '--dbname', database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True, bufsize=1)
        self.ask('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;')
        self.snapshot = self.ask('SELECT pg_export_snapshot();')

    def ask(self, sql):
        mark = '-- that was all --'
        try:
            self.process.stdin.write(f'{sql}\n\\echo {mark}\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        lines = []
        for line in self.process.stdout:
            if line.rstrip('\n') == mark:
                return ''.join(lines).strip()
            lines.append(line)
        self.complaints.seek(0)
        raise Failure(f'PostgreSQL did not let its database {self.database} be read: {self.complaints.read().decode(errors="replace").strip()[-500:]}')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def back_up(settings, run, options):
    """Dumps the database straight into the repository; returns what the manifest has to know of it, and restic's summary.

    Where pg_dump fails restic is killed before its input ends, so that half a dump never becomes a backup.
    """
    with Frozen(settings.database) as frozen:
        about = json.loads(frozen.ask(ABOUT))
        rows = json.loads(frozen.ask(COUNTS))
        complaints = tempfile.TemporaryFile()
        dump = start(['pg_dump', '--format=custom', '--no-password', f'--snapshot={frozen.snapshot}', f'--dbname={settings.database}'],
                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints)
        restic = Stream(settings, 'backup', '--json', '--quiet', *options, '--tag', DATABASE, '--tag', f'run-{run}', '--host', settings.host,
                        '--stdin', '--stdin-filename', f'/{settings.database}.dump', stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            size = pour(dump.stdout, restic.process.stdin)
            if dump.wait() != 0:
                complaints.seek(0)
                raise Failure(f'pg_dump of {settings.database} failed: {complaints.read().decode(errors="replace").strip()[-500:]}')
            restic.process.stdin.close()
            summary = json.loads(restic.process.stdout.read().strip().split(b'\n')[-1] or b'{}')
            restic.finish()
        except BrokenPipeError:
            restic.process.wait()
            raise Failure(f'restic backup failed: {restic.words()}') from None
        finally:
            for process in (dump, restic.process):
                if process.poll() is None:
                    process.kill()
                    process.wait()
    return {'name': settings.database, 'bytes': size, 'rows': rows, **about}, summary


def pour(source, target):
    size = 0
    while chunk := source.read(1 << 20):
        target.write(chunk)
        size += len(chunk)
    return size


def create(name, about):
    """An empty database like the one that was dumped."""
    owner = about['owner']
    if ask('postgres', f'SELECT count(*) FROM pg_roles WHERE rolname = {literal(owner)};') != '1':
        raise Failure(f'The role {owner}, whose database this is, does not exist here. Run the step "PostgreSQL" of harden-python-vps first, or create it: sudo -u postgres createuser {owner}')
    ask('postgres', f"CREATE DATABASE {identifier(name)} OWNER {identifier(owner)} TEMPLATE template0 ENCODING {literal(about['encoding'])} "
                    f"LC_COLLATE {literal(about['collate'])} LC_CTYPE {literal(about['ctype'])};")


def drop(name):
    ask('postgres', f'DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE);')


def drop_scratch():
    """What drills and restores that were killed left behind."""
    for name in ask('postgres', f"SELECT datname FROM pg_database WHERE datname ~ '^(harden_drill|harden_restore)_[0-9]+$';").split('\n'):
        if name:
            drop(name)


def fill(settings, name, snapshot, cache=True):
    """Restores a dump into a database; fails where either side does."""
    complaints = tempfile.TemporaryFile()
    stream = Stream(settings, 'dump', snapshot.id, dump_file(settings, snapshot), cache=cache, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    restore = start(['pg_restore', '--exit-on-error', '--no-password', f'--dbname={name}'], stdin=stream.process.stdout, stdout=subprocess.DEVNULL, stderr=complaints)
    stream.process.stdout.close()
    failed = restore.wait() != 0
    if failed:
        stream.process.kill() if stream.process.poll() is None else None
    code = stream.process.wait()
    if code > 0:
        raise Failure(f'The dump could not be read from the repository: {stream.words()}')
    if failed:
        complaints.seek(0)
        raise Failure(f'pg_restore failed: {complaints.read().decode(errors="replace").strip()[-500:]}')


def differences(expected, found):
    """Tables whose rows are not those of the backup, in words."""
    names = sorted(set(expected) | set(found))
    return [f'{name} has {found.get(name, "none")} instead of {expected.get(name, "none")}' for name in names if expected.get(name) != found.get(name)]


def restore_beside(settings, name, snapshot, about, cache=True):
    """A database of that name with what was dumped, counted; gone again where that fails."""
    create(name, about)
    try:
        fill(settings, name, snapshot, cache)
        wrong = differences(about['rows'], counts(name))
        if wrong:
            raise Failure(f'The database did not come back as it was: {"; ".join(wrong[:5])}')
    except BaseException:
        drop(name)
        raise


def adopt(name, about):
    """Gives a database the privileges, limits and settings that the dumped one had."""
    database = identifier(name)
    lines = [f'ALTER DATABASE {database} CONNECTION LIMIT {int(about["connections"])};']
    if about['acl'] is not None:
        lines.append(f'REVOKE ALL ON DATABASE {database} FROM PUBLIC;')
        known = set(ask('postgres', 'SELECT rolname FROM pg_roles;').split('\n'))
        for role, privilege, grantable in about['acl']:
            if role is not None and role not in known:
                say(f'The role {role} is no longer here, so it gets back no right to {privilege}.')
                continue
            if not re.fullmatch(r'[A-Z]+', privilege):
                raise Failure(f'"{privilege}" is no privilege.')
            lines.append(f'GRANT {privilege} ON DATABASE {database} TO {"PUBLIC" if role is None else identifier(role)}{" WITH GRANT OPTION" if grantable else ""};')
    for role, setting in about['settings'] or []:
        key, value = setting.split('=', 1)
        whose = '' if role is None else f'ALTER ROLE {identifier(role)} IN DATABASE {database}'
        # A list, like search_path, is stored as it is written.
        written = value if key.lower() in ('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries') else literal(value)
        if not re.fullmatch(r'[\w.]+', key) or '\n' in value or ';' in value:
            raise Failure(f'The setting {key} of the database is not understood.')
        lines.append(f'{whose or f"ALTER DATABASE {database}"} SET {key} = {written};')
    ask('postgres', '\n'.join(lines))


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
