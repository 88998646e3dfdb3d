#!/bin/sh
# overlay.sh OPTIONS ROOT COMMAND…
#
# Runs COMMAND with an overlay mounted on ROOT. It is a script because it has to run inside the private mount
# namespace that unshare(1) makes for it: its mounts are seen by nobody else and vanish with its last process.
set -eu
options=$1
root=$2
shift 2

# Where the machine has a hybrid of old and new control groups (or its first process is not systemd), servers would
# share a hierarchy and disturb each other. In here there is the new one alone.
umount --recursive /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# A systemd-nspawn that is killed leaves lock files there.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
mount -t overlay overlay -o "$options" "$root"

# 133 is how systemd-nspawn says that the server asked for a reboot.
while :; do
	code=0
	"$@" || code=$?
	[ "$code" -eq 133 ] || exit "$code"
done
