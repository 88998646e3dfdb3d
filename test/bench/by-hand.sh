#!/bin/sh
# What the wizard changes with its defaults, as a plain script: nothing is shown, checked, journalled or guarded.
# The files that it copies are in /root/by-hand/files; $1 is the developer's key.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
files=/root/by-hand/files
install_packages() { apt-get -q --yes -o Dpkg::Use-Pty=0 --no-remove --no-install-recommends install "$@"; }
copy() { install -D -m "$1" "$files$2" "$2"; }

# Like the wizard: lists that were fetched within the hour are good enough.
[ -n "$(find /var/lib/apt/lists/partial -maxdepth 0 -mmin -60)" ] || apt-get -q update

# Updates
install_packages unattended-upgrades
copy 644 /etc/apt/apt.conf.d/99harden-python-vps
systemctl enable --now apt-daily.timer apt-daily-upgrade.timer

# SSH
useradd --create-home --shell /bin/bash deploy
usermod --append --groups sudo deploy
install -d -m 700 -o deploy -g deploy /home/deploy/.ssh
printf '%s\n' "$1" >/home/deploy/.ssh/authorized_keys
chmod 600 /home/deploy/.ssh/authorized_keys
chown deploy:deploy /home/deploy/.ssh/authorized_keys
copy 440 /etc/sudoers.d/90-harden-python-vps
visudo -c -q
[ -e /etc/ssh/ssh_host_rsa_4096_key ] || ssh-keygen -q -t rsa -b 4096 -N '' -f /etc/ssh/ssh_host_rsa_4096_key
awk '$0 !~ /^[0-9]/ || $5 >= 3071' /etc/ssh/moduli >/etc/ssh/moduli.new
mv /etc/ssh/moduli.new /etc/ssh/moduli
copy 644 /etc/ssh/sshd_config.d/00-harden-python-vps.conf
sshd -t
systemctl reload ssh

# Firewall
install_packages ufw nftables
ufw default deny incoming
ufw default allow outgoing
ufw allow 5922/tcp
ufw --force enable
systemctl enable --now ufw

# Fail2Ban
install_packages fail2ban python3-systemd
copy 644 /etc/fail2ban/jail.d/50-harden-python-vps.local
systemctl enable --now fail2ban
systemctl restart fail2ban
