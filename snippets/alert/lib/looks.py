"""Looks at how things stand. Each returns what is wrong now, as alerts to tell; nothing where all is well."""
import ast
import calendar
import datetime
import glob
import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import time

from common import BACKUPS, Failure, content_of, plain, read_json, seconds_of, stamp

# Of which a full one stops something. Others are memory, images, or on other machines, which may not answer.
DISKS = {'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'jfs', 'vfat'}
WORDS = {'backup': 'backup', 'drill': 'restore drill'}


def alert(kind, key, title, lines, severity='medium', standing=None, patience=0):
    """`standing`: as in alerts.tell. `patience`: told only when it has been so for this many seconds."""
    return {'kind': kind, 'key': key, 'title': title, 'lines': lines, 'severity': severity, 'standing': standing, 'patience': patience}


def run(*argv, timeout=60, text=None):
    try:
        return subprocess.run(argv, capture_output=True, encoding='utf-8', errors='replace', timeout=timeout, input=text, env={'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C.UTF-8'})
    except FileNotFoundError:
        return None
    except subprocess.TimeoutExpired:
        raise Failure(f'{argv[0]} did not end within {timeout} seconds.') from None


def age_words(seconds):
    return f'{seconds / 3600:.0f} hours' if seconds < 2 * 86400 else f'{seconds / 86400:.0f} days'


def mounts():
    """Mount points of disks, one for each disk."""
    seen = {}
    for line in (content_of('/proc/self/mounts') or '').split('\n'):
        fields = line.split(' ')
        if len(fields) > 2 and (fields[2] in DISKS or fields[1] == '/'):
            path = re.sub(r'\\(\d{3})', lambda match: chr(int(match[1], 8)), fields[1])
            try:
                device = os.stat(path).st_dev
            except OSError:
                continue
            seen.setdefault(device, path)
    return sorted(seen.values())


def disk(settings):
    for path in mounts():
        room = os.statvfs(path)
        for what, total, free in (('space', room.f_blocks - room.f_bfree + room.f_bavail, room.f_bavail), ('room for more files (inodes)', room.f_files, room.f_favail)):
            used = 100 - 100 * free / total if total > 0 else 0
            if used >= settings.disk:
                left = f', {free * room.f_frsize / 2 ** 20:.0f} MiB are left' if what == 'space' else ''
                yield alert('disk', f'disk:{path}:{what[:5]}', f'The disk at {path} is nearly full', [f'{used:.0f} % of its {what} is used{left}.'], 'high', 120)


def memory(settings):
    values = dict(re.findall(r'^(\w+): +(\d+)', content_of('/proc/meminfo') or '', re.MULTILINE))
    total, available = int(values.get('MemTotal', 0)), int(values.get('MemAvailable', 0))
    if total and 100 - 100 * available / total >= settings.memory:
        top = run('ps', '-eo', 'rss,comm', '--sort=-rss', '--no-headers')
        biggest = [line.split(None, 1) for line in (top.stdout if top else '').split('\n')[:3] if line.strip()]
        yield alert('memory', 'memory', 'Memory is nearly used up', [
            f'{available // 1024} MiB of {total // 1024} MiB are left.',
            *([f'Most is used by: {", ".join(f"{plain(name, 20)} ({int(size) // 1024} MiB)" for size, name in biggest)}.'] if biggest else []),
        ], 'high', 120, patience=200)


def date_of(certificate):
    """Beginning and end of a certificate (PEM), as seconds since 1970."""
    result = run('openssl', 'x509', '-noout', '-startdate', '-enddate', text=certificate)
    found = dict(re.findall(r'^(notBefore|notAfter)=(.*)$', result.stdout if result else '', re.MULTILINE))
    if len(found) < 2:
        return None
    moment = lambda text: calendar.timegm(time.strptime(text, '%b %d %H:%M:%S %Y GMT'))
    return moment(found['notBefore']), moment(found['notAfter'])


def served(site):
    """What a visitor gets, at this server's own address. None where nobody answers: that is another alert's."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection(('127.0.0.1', 443), timeout=5) as connection, context.wrap_socket(connection, server_hostname=site) as secure:
            return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))
    except (OSError, ValueError):
        return None


def certificates(settings):
    files = sorted({path for pattern in settings.certificates for path in glob.glob(pattern)})
    found = [(f'served for {site}', served(site)) for site in settings.sites]
    for path in files:
        try:
            with open(path, encoding='ascii') as file:
                found.append((f'in {path}', file.read(100_000)))
        except (OSError, ValueError):
            continue
    for where, text in found:
        dates = date_of(text) if text else None
        if not dates:
            continue
        begins, ends = dates
        left = ends - time.time()
        # One that lives for a few days only is renewed late in these.
        if left < min(settings.certificate_days * 86400, (ends - begins) / 4):
            title = 'A certificate has ended' if left < 0 else 'A certificate ends soon'
            yield alert('certificate', f'certificate:{where}', title, [f'The certificate {where} {"ended" if left < 0 else "ends"} on {stamp(ends)}. It should have been renewed by itself.'], 'high', 3600)


def pending_security():
    result = run('apt-get', '--simulate', '--quiet', '-o', 'Debug::NoLocking=true', 'dist-upgrade', timeout=120)
    if result is None or result.returncode:
        return []
    return sorted(match[1] for match in re.finditer(r'^Inst (\S+) \[[^\]]*\] \([^)]*(?:-security|Debian-Security)[^)]*\)', result.stdout, re.MULTILINE))


def updates(settings, memory_of):
    """`memory_of`: package → since when it waits. Daily updates take most before anybody has to know."""
    now = time.time()
    waiting = pending_security()
    since = {name: memory_of.get(name, now) for name in waiting}
    memory_of.clear()
    memory_of.update(since)
    late = [name for name in waiting if now - since[name] >= settings.updates_after]
    if late:
        yield alert('updates', 'updates', 'Security updates are not installed', [f'{len(late)} have been waiting for {age_words(now - min(since[name] for name in late))}: {", ".join(late[:15])}{" …" if len(late) > 15 else ""}'], 'high', 6 * 3600)


def reboot(settings):
    try:
        since = os.stat('/run/reboot-required').st_mtime
    except OSError:
        return
    if time.time() - since >= settings.updates_after:
        packages = sorted(set((content_of('/run/reboot-required.pkgs') or '').split()))
        yield alert('reboot', 'reboot', 'The server waits for a restart', [f'Since {stamp(since)}, because of updates{": " + plain(", ".join(packages), 200) if packages else ""}. Until then what was corrected is not in force.'], 'medium', 3600)


def moment_of(text):
    return datetime.datetime.fromisoformat(text[:19] + '+00:00').timestamp()


def backups(settings):
    conf = content_of('/etc/harden/backup/backup.conf')
    if conf is None:
        return
    limit = re.search(r'^max-age *= *(\w+)$', conf, re.MULTILINE)
    limits = {'backup': seconds_of(limit[1]) if limit else None, 'drill': settings.drill_max_age}
    for kind, most in limits.items():
        result = read_json(f'{BACKUPS}/{kind}.json')
        if not isinstance(result, dict):
            continue
        if result.get('state') == 'failed':
            yield failed_backup(kind, result)
        last = result.get('lastSuccess') or {}
        age = time.time() - moment_of(last['startedAt']) if 'startedAt' in last else None
        if most and age is not None and age > most:
            yield alert(kind, f'{kind}:overdue', f'The last good {WORDS[kind]} is too old', [f'It is {age_words(age)} old; the limit is {age_words(most)}.'], 'high', 3600)


def failed_backup(kind, result):
    return alert(kind, f'{kind}:failed', f'The last {WORDS[kind]} failed', [plain(result.get('error', '')), f'It began at {plain(result.get("startedAt", "?"), 30)}.'], 'high', 3600)


def holes(settings):
    """What the weekly look of the app's own unit found. Somebody else's program wrote it."""
    if not settings.app:
        return
    try:
        report = json.loads(content_of(os.path.realpath(f'/run/{settings.app}-audit') + '/report.json', 4_000_000) or '{}')
        found = sorted({f'{plain(dependency["name"], 60)} {plain(dependency["version"], 30)}: {plain(hole["id"], 40)}, corrected in {plain(", ".join(hole.get("fix_versions", [])) or "no version yet", 60)}'
                        for dependency in report.get('audit', {}).get('dependencies', []) for hole in dependency.get('vulns', [])})
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    if found:
        digest = hashlib.sha256('\n'.join(found).encode()).hexdigest()[:12]
        yield alert('holes', f'holes:{settings.app}:{digest}', f'Known holes in what {settings.app} is made of', [*found[:10], *([f'and {len(found) - 10} more'] if len(found) > 10 else [])], 'high', 7 * 86400)


def bans(known):
    """`known`: jail → addresses that are banned as far as was told. Only what came since is new."""
    result = run('fail2ban-client', 'banned')
    if result is None or result.returncode:
        return
    now = {}
    try:
        for jails in ast.literal_eval(result.stdout.strip() or '[]'):
            now.update({jail: list(addresses) for jail, addresses in jails.items()})
    except (ValueError, SyntaxError, AttributeError, TypeError):
        raise Failure('fail2ban-client banned says something else than it used to.') from None
    first = '' not in known
    fresh = {} if first else {jail: [address for address in addresses if address not in known.get(jail, [])] for jail, addresses in now.items()}
    known.clear()
    known.update({'': [], **now})
    for jail, addresses in fresh.items():
        for address in addresses:
            yield alert('ban', f'ban:{jail}', f'{plain(address, 45)} was banned', [f'Fail2Ban keeps it out; it was caught by "{plain(jail, 40)}".'], 'low')


def central_log(settings):
    if not settings.central_log:
        return
    result = run('systemctl', 'is-active', 'harden-forward.service')
    if result and result.stdout.strip() != 'active':
        yield alert('central-log', 'central-log:off', 'The log does not go to the central place', [f'harden-forward.service is {plain(result.stdout, 30)}.'], 'medium', 120, patience=300)
        return
    words = [line for line in lines_of('harden-forward.service') if re.search(r'\b(suspended|resumed)\b', line)]
    if words and 'suspended' in words[-1]:
        yield alert('central-log', 'central-log:away', 'The central log does not take what is sent', ['It is kept on this server meanwhile.', plain(words[-1])], 'medium', 120, patience=300)


def lines_of(unit):
    result = run('journalctl', '--no-pager', '--quiet', '--output=cat', '--boot=0', '--lines=200', f'--unit={unit}')
    return result.stdout.split('\n') if result else []
