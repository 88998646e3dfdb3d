"""The ways out: a webhook, and mail. Certificates are always verified; an address that is secret never gets into a message."""
import base64
import email.message
import email.utils
import html
import json
import os
import smtplib
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from common import Failure, plain
import alerts

PATIENCE = 15
SENDMAIL = '/usr/sbin/sendmail'
PRIORITY = {'high': '4', 'medium': '3', 'low': '2'}


class Later(Failure):
    """The receiver asks for so many seconds of patience."""

    def __init__(self, text, seconds):
        super().__init__(text)
        self.seconds = seconds


def trust(settings):
    context = ssl.create_default_context()
    if settings.ca_file:
        # Newer Python wants of an authority what many a private one does not have. Chain, dates and name are verified all the same.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Failure(f'The certificates in {settings.ca_file} cannot be used: {error}') from None
    return context


def format_of(settings, url):
    host = url.hostname or ''
    if settings.format != 'auto':
        return settings.format
    if host.endswith(('discord.com', 'discordapp.com')):
        return 'discord'
    if host == 'hooks.slack.com':
        return 'slack'
    return 'ntfy' if host.startswith('ntfy.') else 'json'


def payload(form, host, title, text, message):
    """Body and headers, as each kind of receiver wants them. What strangers wrote calls nobody by name."""
    if form == 'ntfy':
        ascii_title = f'{host}: {title}'.encode('ascii', 'replace').decode()
        return text.encode(), {'Title': ascii_title, 'Priority': PRIORITY[message['severity']], 'Tags': message['kind']}
    if form == 'slack':
        value = {'text': f'*{host}: {html.escape(title, quote=False)}*\n{html.escape(text, quote=False)}'}
    elif form == 'discord':
        value = {'content': f'**{host}: {title}**\n{text}'[:1990], 'allowed_mentions': {'parse': []}}
    else:
        value = {**message, 'host': host, 'title': title, 'text': text}
    return json.dumps(value).encode(), {'Content-Type': 'application/json'}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A message is not carried on to an address that nobody gave."""

    def redirect_request(self, *_):
        return None


def send_webhook(settings, title, text, message):
    url = urllib.parse.urlsplit(settings.webhook)
    body, headers = payload(format_of(settings, url), settings.host, title, text, message)
    place = url.hostname + (f':{url.port}' if url.port else '')
    if url.username is not None or url.password is not None:
        login = ':'.join(urllib.parse.unquote(part or '') for part in (url.username, url.password))
        headers['Authorization'] = 'Basic ' + base64.b64encode(login.encode()).decode()
    address = url._replace(netloc=url.netloc.rpartition('@')[2]).geturl()
    request = urllib.request.Request(address, data=body, headers={'User-Agent': 'harden-alert', **headers}, method='POST')
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust(settings)), NoRedirect(), urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE) as response:
            if not 200 <= response.status < 300:
                raise Failure(f'{place} answered {response.status}.')
    except urllib.error.HTTPError as error:
        wait = error.headers.get('Retry-After', '') if error.headers else ''
        if error.code == 429 and wait.isdigit():
            raise Later(f'{place} asks for patience (429).', min(int(wait), 3600)) from None
        raise Failure(f'{place} answered {error.code} {plain(error.reason, 60)}.') from None
    except urllib.error.URLError as error:
        raise Failure(f'{place}: {plain(error.reason)}') from None
    except (OSError, ValueError) as error:
        raise Failure(f'{place}: {plain(error)}') from None


def mail_of(settings, title, text):
    message = email.message.EmailMessage()
    message['Subject'] = plain(f'[{settings.host}] {title}', 150)
    message['From'] = settings.sender or f'harden-alert@{settings.host}'
    message['To'] = settings.email
    message['Date'] = email.utils.formatdate()
    message['Message-ID'] = email.utils.make_msgid(domain=settings.host)
    message['Auto-Submitted'] = 'auto-generated'
    message.set_content(text)
    return message


def send_mail(settings, title, text, _):
    message = mail_of(settings, title, text)
    if not settings.smtp_host:
        return send_locally(message)
    place = f'{settings.smtp_host}:{settings.smtp_port}'
    try:
        context = trust(settings)
        if settings.smtp_port == 465:
            server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=PATIENCE)
        with server:
            if settings.smtp_port != 465:
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.send_message(message)
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error.decode('utf-8', 'replace') if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise Failure(f'{place} answered {error.smtp_code}: {plain(words, 120)}') from None
    except (OSError, smtplib.SMTPException) as error:
        raise Failure(f'{place}: {plain(error)}') from None
    return None


def send_locally(message):
    if not os.access(SENDMAIL, os.X_OK):
        raise Failure(f'No mail server is named, and {SENDMAIL} is not here.')
    result = subprocess.run([SENDMAIL, '-i', '-t'], input=message.as_bytes(), capture_output=True, timeout=60)
    if result.returncode:
        raise Failure(f'{SENDMAIL} failed: {plain(result.stderr.decode("utf-8", "replace"))}')


SENDERS = {'webhook': send_webhook, 'mail': send_mail}


def channels(settings):
    return [*(['webhook'] if settings.webhook else []), *(['mail'] if settings.email else [])]


def send(settings, channel, pending):
    """One alert, or many as one message."""
    if len(pending) == 1:
        [alert] = pending
        title, text = alert['title'], alerts.body_of(alert)
        message = {name: alert[name] for name in ('kind', 'key', 'severity', 'time', 'times')}
    else:
        title = f'{len(pending)} alerts'
        text = '\n\n'.join(f'{alert["title"]}\n' + '\n'.join(alert['lines'][:3]) for alert in pending[-20:])
        message = {'kind': 'several', 'key': 'several', 'severity': 'high', 'time': pending[-1]['time'], 'times': len(pending)}
    SENDERS[channel](settings, title, text, message)
