"""Brings what waits to those who are told, and tries again while they are away."""
import os
import time

from common import Failure, State, locked, say, stamp, write_json
import alerts
import channels

# Seconds until the next try.
BACKOFF = (60, 120, 300, 900, 1800, 3600)
# More than this at once come as one message.
TOGETHER = 5


def mark(alert, channel, ways):
    alert['done'] = [*alert['done'], channel]
    path = f'{alerts.QUEUE}/{alert["id"]}.json'
    if all(way in alert['done'] for way in ways):
        os.unlink(path)
    else:
        write_json(path, alert)


def give_up(waiting):
    for alert in waiting:
        if time.time() - alert['time'] > alerts.OLDEST:
            say(f'Given up after a week, nobody took it: {alert["title"]}', 4)
            os.unlink(f'{alerts.QUEUE}/{alert["id"]}.json')


def taken(health):
    health.update(tries=0, next=0, error=None, since=None, success=time.time())


def try_channel(settings, channel, ways, health):
    """Returns whether nothing is left for this channel."""
    pending = [alert for alert in alerts.waiting() if channel not in alert['done']]
    while pending:
        batch = pending if len(pending) > TOGETHER else pending[:1]
        try:
            channels.send(settings, channel, batch)
        except Failure as error:
            tries = health.get('tries', 0)
            pause = getattr(error, 'seconds', BACKOFF[min(tries, len(BACKOFF) - 1)])
            health.update(tries=tries + 1, next=time.time() + pause, error=str(error), since=health.get('since') or time.time())
            say(f'Not delivered by {channel}, tried again after {stamp(health["next"])}: {error}', 4)
            return False
        taken(health)
        for alert in batch:
            mark(alert, channel, ways)
        pending = pending[len(batch):]
    return True


def deliver(settings, now=False):
    """All that waits, by each way that is due. `now`: also by those that were to be left alone for a while."""
    ways = channels.channels(settings)
    with locked('delivery'):
        give_up(alerts.waiting())
        done = True
        with State('channels') as healths:
            for name in [name for name in healths if name not in ways]:
                del healths[name]
            for channel in ways:
                health = healths.setdefault(channel, {})
                if now or time.time() >= health.get('next', 0):
                    done = try_channel(settings, channel, ways, health) and done
    return done


def test(settings):
    """One message by each way, past queue and patience. Returns what each of them said: None where it was taken."""
    answers = {}
    alert = {'kind': 'test', 'key': 'test', 'severity': 'low', 'time': time.time(), 'times': 1, 'title': 'Test', 'lines': [f'This is a test of the alerts of {settings.host}. If you read it, they reach you.']}
    with locked('delivery'), State('channels') as healths:
        for channel in channels.channels(settings):
            try:
                channels.send(settings, channel, [alert])
                answers[channel] = None
                taken(healths.setdefault(channel, {}))
            except Failure as error:
                answers[channel] = str(error)
    return answers
