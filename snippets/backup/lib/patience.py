"""Ends a restic that does nothing any more, instead of waiting with it for ever.

restic 0.18 can: on a full disk one part of it sometimes waits for another that has given up (Debian 13, one time in forty).
"""
import threading
import time

# Bytes and hundredths of a second in a look: the runtime of a program that only waits moves a few, too.
STILL_MOVED = 4096
STILL_COMPUTED = 5


def work_of(pid):
    """How much a process has read and written, in bytes, and computed, in hundredths of a second (proc(5)); None when it is gone."""
    try:
        with open(f'/proc/{pid}/io', encoding='ascii') as file:
            counts = dict(line.split(': ') for line in file.read().splitlines())
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
            fields = file.read().rpartition(')')[2].split()
    except OSError:
        return None
    return int(counts['rchar']) + int(counts['wchar']), int(fields[11]) + int(fields[12])


class Patience:
    """Watches a process; kills it once it did nothing for `limit` seconds. `ran_out` says that it did."""

    def __init__(self, process, limit):
        self.process = process
        self.limit = limit
        self.ran_out = False
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        every = min(10, self.limit / 5)
        before, still = work_of(self.process.pid), 0
        while before and self.process.returncode is None and still < self.limit:
            time.sleep(every)
            after = work_of(self.process.pid) or before
            idle = after[0] - before[0] < STILL_MOVED and after[1] - before[1] < STILL_COMPUTED
            still = still + every if idle else 0
            before = after
        if before and self.process.returncode is None:
            self.ran_out = True
            self.process.kill()
