"""What the journal says since the last look: logins, refused sudo, failed units, programs killed for want of memory."""
import ipaddress
import json
import re
import subprocess

from common import Failure, plain

FAILED_UNIT = 'd9b373ed55a64feb8242e02dbe79a49c'
SSHD = ['_UID=0', 'SYSLOG_IDENTIFIER=sshd', 'SYSLOG_IDENTIFIER=sshd-session']
MATCHES = [*SSHD, '+', 'SYSLOG_IDENTIFIER=sudo', 'SYSLOG_IDENTIFIER=su', '+', '_PID=1', f'MESSAGE_ID={FAILED_UNIT}', '+', '_TRANSPORT=kernel', 'PRIORITY=3']
FIELDS = '__CURSOR,MESSAGE,_COMM,_PID,_UID,_TRANSPORT,SYSLOG_IDENTIFIER,MESSAGE_ID,UNIT,UNIT_RESULT'

# As sshd writes it (auth_log in its auth.c). A user name holds nothing else, so nobody can make it say what was not.
ACCEPTED = re.compile(r'Accepted ([\w/-]+) for ([a-z_][\w.-]{0,31}\$?) from ([\da-f.:]+)(?:%[\w.-]+)? port \d{1,5} ssh2(?:: ([A-Z][\w-]* SHA256:[\w+/]{43}).*)?')
SUDO = re.compile(r' *(\S{1,64}) : (.*? ; )?(?:TTY|PWD)=.*')
SUDO_REASONS = ('incorrect password attempt', 'NOT in sudoers', 'not in sudoers', 'command not allowed', 'a password is required', 'NOT authorized', 'no tty present')
SU = re.compile(r'FAILED SU \(to (\S+)\) (\S+) on (\S+)')
# As the kernel writes it, of the whole machine and of a unit that has a limit of its own ("Memory cgroup out of memory").
KILLED = re.compile(r'[Oo]ut of memory: Killed process (\d+) \(([^)]*)\)')
# Of a moment, nameless, or ours: what started them is told of instead.
PASSING = re.compile(r'(run-[^.]*\.(service|scope)|run-u\d+\.\w+|harden-alert@.*|sshd?@.*|user@.*|session-.*|user-runtime-dir@.*)')


def entries(*arguments):
    """Entries of the journal, one by one. Text that is none comes as numbers, and is passed over."""
    argv = ['journalctl', '--output=json', f'--output-fields={FIELDS}', '--no-pager', '--quiet', *arguments]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8', errors='replace')
    for line in process.stdout:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get('MESSAGE'), str):
            yield entry
    words = process.stderr.read()
    if process.wait():
        raise Failure(f'journalctl failed: {plain(words)}')


def newest():
    """Where the journal ends now."""
    for entry in entries('--lines=1'):
        return entry['__CURSOR']
    return None


def network_of(address):
    """What counts as one place: an address, and of IPv6, where each machine has many, the network."""
    parsed = ipaddress.ip_address(address)
    mapped = getattr(parsed, 'ipv4_mapped', None)
    if mapped:
        parsed = mapped
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network(f'{parsed}/64', strict=False))


def login_in(entry):
    """User, address, method and key of a login."""
    # Who wrote it is the kernel's word. The program's name is missing where that was gone before journald could look.
    name = entry.get('SYSLOG_IDENTIFIER')
    if entry.get('_UID') != '0' or name not in ('sshd', 'sshd-session') or entry.get('_COMM', name) != name:
        return None
    found = ACCEPTED.fullmatch(entry['MESSAGE'])
    if not found:
        return None
    method, user, address, key = found.groups()
    try:
        network = network_of(address)
    except ValueError:
        return None
    return {'user': user, 'address': address, 'network': network, 'method': method, 'key': key or ''}


def refused_in(entry):
    """Who tried what as whom, of a sudo or su that said no. Never with the command's arguments: passwords stand there."""
    message = entry['MESSAGE']
    if entry.get('SYSLOG_IDENTIFIER') == 'su':
        found = SU.search(message)
        return found and {'user': plain(found[2], 64), 'why': f'su to {plain(found[1], 64)} was refused', 'command': ''}
    found = entry.get('SYSLOG_IDENTIFIER') == 'sudo' and SUDO.fullmatch(message)
    reason = found and (found[2] or '').rstrip(' ;')
    if not found or not any(words in reason for words in SUDO_REASONS):
        return None
    command = re.search(r' ; COMMAND=(\S+)', message)
    return {'user': plain(found[1], 64), 'why': plain(reason, 80), 'command': plain(command[1], 80) if command else ''}


def failed_unit_in(entry):
    if entry.get('MESSAGE_ID') != FAILED_UNIT or entry.get('_PID') != '1':
        return None
    unit = entry.get('UNIT')
    return None if not isinstance(unit, str) or PASSING.fullmatch(unit) else {'unit': plain(unit, 120), 'result': plain(entry.get('UNIT_RESULT', ''), 40)}


def killed_in(entry):
    found = entry.get('_TRANSPORT') == 'kernel' and KILLED.search(entry['MESSAGE'])
    return {'program': plain(found[2], 40)} if found else None
