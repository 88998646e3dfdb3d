"""The runbook: what to do about each kind of alert. The same text as docs/runbook.md of harden-python-vps."""
import re

from common import content_of

FILE = '/usr/local/lib/harden-alert/runbook.md'


def sections(text):
    """Name of the anchor → its heading and its text."""
    found = re.findall(r'^<a id="([a-z-]+)"></a>\n+## ([^\n]+)\n+(.*?)(?=^<a id=|\Z)', text, re.MULTILINE | re.DOTALL)
    return {anchor: (heading, body.strip()) for anchor, heading, body in found}


def paragraph(kind):
    """Heading and text for a kind of alert; None where the runbook has no such paragraph."""
    return sections(content_of(FILE) or '').get(kind)


def first_aid(kind):
    """Its first lines, which go into the alert itself: at night nobody looks anything up."""
    found = paragraph(kind)
    return re.sub(r'\s+', ' ', found[1].split('\n\n')[0]) if found else ''
