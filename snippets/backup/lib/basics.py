"""What harden-backup and harden-alert have in common; each has a copy of its own."""
import json
import os
import re


class Failure(Exception):
    """What is wrong, in words for whoever reads the journal. Anything else that is raised is a bug."""


def seconds_of(text):
    """`90s`, `10m`, `30h`, `2d`, `1w` in seconds."""
    match = re.fullmatch(r'(\d+)([smhdw]?)', text)
    if not match:
        raise Failure(f'"{text}" is no duration like 30h or 2d.')
    return int(match[1]) * {'': 1, 's': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[match[2]]


def write_json(path, value):
    """On disk before it has its name, and for root only."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = f'{path}.new'
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, 'w', encoding='utf-8') as file:
        json.dump(value, file, indent='\t', ensure_ascii=False)
        file.write('\n')
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)
