"""A role of PostgreSQL without rights, for what comes out of a backup. Whatever a dump says runs with its rights, not a superuser's.

It really logs in: from SET ROLE and SET SESSION AUTHORIZATION one line of a dump leads back to the superuser.
"""
import base64
import hashlib
import hmac
import json
import os
import secrets

from common import Failure
from database import ask, identifier, literal

# The lines that the step "PostgreSQL" writes into pg_hba.conf speak of it.
ROLE = 'harden_restore'
# By which it is told from a role of somebody else's that happens to have its name.
MARK = 'harden-python-vps'


def verifier_of(password):
    """What the server stores, so that the password itself is in no statement and in no log."""
    salt, rounds = os.urandom(16), 4096
    salted = hashlib.pbkdf2_hmac('sha256', password.encode(), salt, rounds)
    key = lambda name: hmac.digest(salted, name, 'sha256')
    text = lambda value: base64.b64encode(value).decode()
    return f'SCRAM-SHA-256${rounds}:{text(salt)}${text(hashlib.sha256(key(b"Client Key")).digest())}:{text(key(b"Server Key"))}'


def remove():
    """With its sessions. What it owned has to be gone, or somebody else's."""
    found = ask('postgres', f"SELECT json_build_array(shobj_description(oid, 'pg_authid')) FROM pg_roles WHERE rolname = {literal(ROLE)};")
    if not found:
        return
    if json.loads(found) != [MARK]:
        raise Failure(f'There is a role {ROLE}, and it is not of harden-backup, which restores with a role of this name. Give yours another name: ALTER ROLE {ROLE} RENAME TO …')
    lock_out()
    ask('postgres', f'DROP ROLE {identifier(ROLE)};')


def lock_out():
    ask('postgres', f"ALTER ROLE {identifier(ROLE)} NOLOGIN PASSWORD NULL;\nSELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = {literal(ROLE)};")


class Throwaway:
    """The role, as long as it is needed; member of nothing. `login` is how it gets in, once it was let in somewhere."""

    def __init__(self):
        self.password = secrets.token_hex(24)
        self.login = None

    def __enter__(self):
        remove()
        # BYPASSRLS: a view of stored rows is filled by its owner, whom policies may keep out. All that this one owns came out of the backup.
        ask('postgres', f'''
            BEGIN;
            CREATE ROLE {identifier(ROLE)} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS LOGIN PASSWORD {literal(verifier_of(self.password))};
            COMMENT ON ROLE {identifier(ROLE)} IS {literal(MARK)};
            SELECT format('ALTER ROLE %I VALID UNTIL %L', {literal(ROLE)}, now() + interval '2 days') \\gexec
            COMMIT;
        ''')
        return self

    def __exit__(self, *_):
        remove()

    def enter(self, database):
        """Finds the way into a database: the socket, or the machine's own address where pg_hba.conf lets none but system users through that."""
        complaint = None
        for address in ({}, {'PGHOSTADDR': '127.0.0.1'}, {'PGHOSTADDR': '::1'}):
            login = {'PGUSER': ROLE, 'PGPASSWORD': self.password, **address}
            try:
                ask(database, 'SELECT;', login)
            except Failure as error:
                complaint = complaint or error
            else:
                self.login = login
                return
        raise Failure(f'PostgreSQL does not let in the role {ROLE}, with which backups are restored. Take the step "PostgreSQL" of harden-python-vps again, '
                      f'or put this line first in pg_hba.conf and reload: local all {ROLE} scram-sha-256. {complaint}')
