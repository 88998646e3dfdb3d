# Written by harden-python-vps, for shells that people log in with.
# New files: others may not read what people make; what root installs stays readable, or it would not work.
if [ "$(id -u)" -eq 0 ]; then
	umask 022
	# A root shell that was forgotten at its prompt ends after an hour. For this session: unset TMOUT
	TMOUT=3600
	export TMOUT
else
	umask {{umask}}
fi
{{#if noDumps}}
# A program that crashes leaves no dump.
ulimit -c 0
{{/if}}
