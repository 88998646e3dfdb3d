"""What a database has besides its content, and so is in no dump, or in none that its owner could restore.

It comes out of a backup as well, so each word is looked at before a superuser says it.
"""
import json
import re

from common import Failure
from database import ask, identifier, literal

KINDS = {'r': 'TABLES', 'S': 'SEQUENCES', 'f': 'FUNCTIONS', 'T': 'TYPES', 'n': 'SCHEMAS'}
LISTS = ('search_path', 'temp_tablespaces', 'local_preload_libraries')


def all_roles():
    """By name, whether it is a superuser."""
    return json.loads(ask('postgres', 'SELECT json_object_agg(rolname, rolsuper) FROM pg_roles;'))


def grant(privilege, what, role, grantable):
    if not re.fullmatch(r'[A-Z]+', privilege):
        raise Failure(f'"{privilege}" is no privilege.')
    return f'GRANT {privilege} ON {what} TO {"PUBLIC" if role is None else identifier(role)}{" WITH GRANT OPTION" if grantable else ""};'


def gone(role, privilege):
    return f'The role {role} is no longer here, so it gets back no right to {privilege}.'


def adopt(name, about):
    """Gives a database the privileges, limits and settings that the dumped one had, as far as its owner could; returns the rest in words."""
    database = identifier(name)
    lines, notes, roles = [f'ALTER DATABASE {database} CONNECTION LIMIT {int(about["connections"])};'], [], all_roles()
    if about['acl'] is not None:
        lines.append(f'REVOKE ALL ON DATABASE {database} FROM PUBLIC;')
        for role, privilege, grantable in about['acl']:
            if role is None or role in roles:
                lines.append(grant(privilege, f'DATABASE {database}', role, grantable))
            else:
                notes.append(gone(role, privilege))
    free = set(json.loads(ask('postgres', "SELECT json_agg(lower(name)) FROM pg_settings WHERE context = 'user';")))
    for role, setting in about['settings'] or []:
        key, value = setting.split('=', 1)
        # A list is stored as it is written.
        is_list = key.lower() in LISTS
        understood = re.fullmatch(r'(?:[\w ,.]|"[\w $,.-]*")+' if is_list else r'[^\n]*', value)
        if key.lower() in free and (role is None or roles.get(role) is False) and understood:
            whose = f'ALTER DATABASE {database}' if role is None else f'ALTER ROLE {identifier(role)} IN DATABASE {database}'
            lines.append(f'{whose} SET {key} = {value if is_list else literal(value)};')
        else:
            notes.append(f'Not set again, since the owner of the database may not: {key} = {value}{"" if role is None else f" for {role}"}. If it is right, set it as postgres.')
    ask('postgres', '\n'.join(lines))
    return notes


def default_rights(name, about):
    """What the owner gives to whom in whatever it will make. Only the owner's: a dump says it in the owner's name, which the throwaway role has not."""
    lines, notes, roles, seen = [], [], all_roles(), set()
    for schema, kind, role, privilege, grantable in about.get('defaults') or []:
        head = f'ALTER DEFAULT PRIVILEGES FOR ROLE {identifier(about["owner"])}' + ('' if schema is None else f' IN SCHEMA {identifier(schema)}')
        what = KINDS[kind]
        # Those of the whole database stand in the place of PostgreSQL's own.
        if schema is None and kind not in seen:
            seen.add(kind)
            lines.append(f'{head} REVOKE ALL ON {what} FROM PUBLIC, {identifier(about["owner"])};')
        if role is None or role in roles:
            lines.append(f'{head} {grant(privilege, what, role, grantable)}')
        else:
            notes.append(gone(role, privilege))
    if lines:
        ask(name, '\n'.join(lines))
    return notes
