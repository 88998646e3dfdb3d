"""What is in a dump, and what of it is restored by a role without rights: the rest is told, never dropped in silence."""
import os
import re
import subprocess
import tempfile

from common import Failure
from database import start
from repository import Stream, dump_file

# Only a superuser makes them (publications: those of all tables), or only the very role they speak of.
LEFT_OUT = r'(?:COMMENT \S+ )?(EVENT TRIGGER|PUBLICATION|SUBSCRIPTION|DEFAULT ACL|SECURITY LABEL|FOREIGN DATA WRAPPER)\b'
# What has an owner; the other entries belong to one of these.
OWNED = r'(SCHEMA|TABLE|FOREIGN TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|OPERATOR|COLLATION|SERVER) (?!DATA |ATTACH |SET |OWNED BY )'
RIGHTS = r'ACL (\S+) (SCHEMA|TABLE|SEQUENCE|FUNCTION|PROCEDURE|TYPE|LANGUAGE|SERVER|FOREIGN DATA WRAPPER|FOREIGN SERVER) (.*)'


class Entry:
    """A line of the list, as in `219; 1259 16386 TABLE public customers shop`; what is after the numbers is for people."""

    def __init__(self, line):
        self.line = line
        self.text = line.split(' ', 3)[3]

    def is_of(self, kind, name):
        return self.text.startswith(f'{kind} - {name} ')


class Contents:
    def __init__(self, settings, snapshot, cache=True):
        self.entries = [Entry(line) for line in listed(settings, snapshot, cache).split('\n') if re.match(r'\d+; \d+ \d+ ', line)]

    def extensions(self):
        return [found[1] for found in (re.match(r'EXTENSION - (\S+)', entry.text) for entry in self.entries) if found]

    def has(self, kind, name):
        return any(entry.is_of(kind, name) for entry in self.entries)

    def without(self, there):
        """Leaves out what is there already, as (kind, name)."""
        self.entries = [entry for entry in self.entries if not any(entry.is_of(kind, name) for kind, name in there)]

    def without_defaults(self, owner):
        """Rights that its owner gives to what will be made: see rights.py."""
        self.entries = [entry for entry in self.entries if not (entry.text.startswith('DEFAULT ACL ') and entry.text.endswith(f' {owner}'))]

    def of_others(self, owner):
        """What belonged to another role than the database's owner."""
        own = (f' {owner}', ' pg_database_owner', ' ')
        return [entry.text for entry in self.entries if re.match(OWNED, entry.text) and not entry.text.endswith(own) and not entry.is_of('SCHEMA', 'public')]

    def leave_out(self):
        """Leaves out what a role without rights cannot make, and returns that in words."""
        # Rights to what an extension brought, which is the superuser's: PostgreSQL would not give them, and not say so.
        plain = lambda name: name.replace('"', '')
        made = {plain(entry.text[found.end():]) for entry in self.entries if (found := re.match(OWNED, entry.text))}
        foreign = lambda found: found and plain(f'{found[1]} {found[3]}') not in made and (found[2], found[3].split(' ')[0]) != ('SCHEMA', 'public')
        left = [entry for entry in self.entries if re.match(LEFT_OUT, entry.text) or foreign(re.match(RIGHTS, entry.text))]
        self.entries = [entry for entry in self.entries if entry not in left]
        return [entry.text.strip() for entry in left]

    def file(self):
        """The list for pg_restore, which reads it as nobody; there are only names in it."""
        file = tempfile.TemporaryFile()
        os.fchmod(file.fileno(), 0o644)
        file.write('\n'.join([entry.line for entry in self.entries]).encode() + b'\n')
        file.flush()
        return file


def listed(settings, snapshot, cache):
    """pg_restore reads no more than the head of the dump for it."""
    complaints = tempfile.TemporaryFile()
    stream = Stream(settings, 'dump', snapshot.id, dump_file(settings, snapshot), cache=cache, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    # It asks no server, so it needs no way in: only to be nobody.
    reader = start(['pg_restore', '--list'], {'PGUSER': 'nobody'}, stdin=stream.process.stdout, stdout=subprocess.PIPE, stderr=complaints)
    stream.process.stdout.close()
    text = reader.stdout.read().decode(errors='replace')
    if reader.wait() == 0:
        stream.kill()
        return text
    if stream.process.wait() > 0:
        raise Failure(f'The dump could not be read from the repository: {stream.words()}')
    complaints.seek(0)
    raise Failure(f'pg_restore cannot read the dump: {complaints.read().decode(errors="replace").strip()[-500:]}')
