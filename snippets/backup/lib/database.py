"""PostgreSQL: how it is spoken to, a consistent dump, and what has to come out of it. The way back is in rebuild.py."""
import json
import os
import subprocess
import tempfile

from common import DATABASE, Failure
from repository import Stream

AS_POSTGRES = {'user': 'postgres', 'group': 'postgres', 'extra_groups': [], 'cwd': '/'}
# Who reads what comes out of a backup: as postgres, a flaw in reading it would be a way to a superuser.
AS_NOBODY = {'user': 'nobody', 'group': 'nogroup', 'extra_groups': [], 'cwd': '/'}
PSQL = ['psql', '--no-psqlrc', '--no-align', '--tuples-only', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1']

# Rows of every table, by PostgreSQL itself, in one answer. What extensions bring is theirs to bring again.
# To plan even this, PostgreSQL may call functions of the database's own (of an index's condition). So it is not a superuser who
# counts, but a role that may only read: inside the function, no code can leave it. Only for a transaction that never ends well.
COUNTS = """
CREATE ROLE {role} NOLOGIN BYPASSRLS IN ROLE pg_read_all_data;
CREATE FUNCTION pg_temp.counted() RETURNS json LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $counted$
SELECT coalesce(json_object_agg(name, rows ORDER BY name), '{}') FROM (
  SELECT format('%I.%I', n.nspname, c.relname) AS name,
    (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM ONLY %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::bigint AS rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
) AS counted;
$counted$;
ALTER FUNCTION pg_temp.counted() OWNER TO {role};
SELECT pg_temp.counted();
"""

# What belongs to the database itself, and so is in no dump of its content; and what its owner gives to whom, which only the owner could restore from one.
ABOUT = """
SELECT json_build_object(
  'owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding), 'collate', datcollate, 'ctype', datctype,
  'connections', datconnlimit,
  'acl', (SELECT json_agg(json_build_array(CASE WHEN grantee = 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)) FROM aclexplode(datacl)),
  'settings', (SELECT json_agg(json_build_array(CASE WHEN setrole = 0 THEN NULL ELSE pg_get_userbyid(setrole) END, setting)) FROM pg_db_role_setting, unnest(setconfig) AS setting WHERE setdatabase = pg_database.oid),
  'defaults', (SELECT json_agg(json_build_array(nspname, defaclobjtype, CASE WHEN grantee = 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)) FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace, aclexplode(defaclacl) WHERE defaclrole = datdba)
) FROM pg_database WHERE datname = current_database();
"""


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    # E'' whatever standard_conforming_strings says.
    return "E'" + text.replace('\\', '\\\\').replace("'", "''") + "'"


def start(argv, login=None, **pipes):
    """A program that speaks to PostgreSQL: as its superuser, or, with the settings of a login, as that."""
    environment = {
        # Nothing else of anybody's environment decides where these go.
        'PATH': '/usr/local/bin:/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'HOME': '/', 'PGPORT': os.environ['PGPORT'],
        # Whoever may make functions in a database could else put one in the place of PostgreSQL's own.
        'PGOPTIONS': '-c search_path=pg_catalog,pg_temp',
        **(login or {}),
    }
    try:
        return subprocess.Popen(argv, **(AS_NOBODY if login else AS_POSTGRES), env=environment, **pipes)
    except FileNotFoundError:
        raise Failure(f'{argv[0]} is not installed: apt-get install postgresql-client') from None
    except LookupError:
        raise Failure('There is no user postgres here, so no PostgreSQL to ask.') from None


def ask(database, sql, login=None):
    process = start([*PSQL, '--dbname', database, '--file', '-'], login, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    answer, complaint = process.communicate(sql)
    if process.returncode != 0:
        raise Failure(f'PostgreSQL said no: {complaint.strip()[-500:]}')
    return answer.strip()


def counting():
    # Somebody else may be counting at the same time.
    return COUNTS.replace('{role}', f'harden_count_{os.getpid()}')


def counts(database):
    return json.loads(ask(database, f'BEGIN READ WRITE;\n{counting()}\nROLLBACK;'))


def exists(database):
    return ask('postgres', f'SELECT count(*) FROM pg_database WHERE datname = {literal(database)};') == '1'


class Frozen:
    """One moment of a database, held while it is dumped and counted: both see the very same rows."""

    def __init__(self, database):
        self.database = database
        self.complaints = tempfile.TemporaryFile()
        self.process = start([*PSQL, '--dbname', database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True, bufsize=1)
        self.ask('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;')
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
        rows = json.loads(frozen.ask(counting()))
        complaints = tempfile.TemporaryFile()
        dump = start(['pg_dump', '--format=custom', '--no-password', '--lock-wait-timeout=15min', f'--snapshot={frozen.snapshot}', f'--dbname={settings.database}'],
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
            raise restic.failure() from None
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
