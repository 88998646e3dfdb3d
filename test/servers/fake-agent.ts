/**
 * Stands in for the agent of OpenBao or Vault, which no package of Debian brings: takes its file by its own words, logs in only
 * with both ids, renders each template from /opt/vault.json as the real one would, and runs its command where something is new.
 */
export const fakeAgent = String.raw`#!/usr/bin/python3
import json, os, re, subprocess, sys, time
assert sys.argv[1] == 'agent', sys.argv
config = open(sys.argv[2].removeprefix('-config=')).read()
text = lambda name, part: re.search(r'\b' + name + r' = "((?:[^"\\]|\\.)*)"', part)[1].replace('\\"', '"')
read = lambda name: open(text(name, config)).read()
assert text('address', config).startswith('https://') and text('mount_path', config) == 'auth/approle'
if (read('role_id_file_path'), read('secret_id_file_path')) != ('role-of-the-shop', 'secret-of-the-role'):
    sys.exit('permission denied')
templates = config.split('\ntemplate {')[1:]
while True:
    vault = json.load(open('/opt/vault.json'))
    commands = []
    for template in templates:
        path, names = re.fullmatch(r'\[\[ with secret "([^"]+)" \]\]\[\[ \.Data\.([\w.]+) \]\]\[\[ end \]\]', text('contents', template)).groups()
        value = vault[path]
        for name in names.split('.'):
            value = value[name]
        destination = text('destination', template)
        if not os.path.exists(destination) or open(destination).read() != value:
            descriptor = os.open(destination + '.1', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, int(text('perms', template), 8))
            with os.fdopen(descriptor, 'w') as file:
                file.write(value)
            os.rename(destination + '.1', destination)
            commands.append(json.loads(re.search(r'command = (\[.*\])', template)[1]))
    for command in {json.dumps(command): command for command in commands}.values():
        subprocess.run(command, check=True)
    time.sleep(0.2)
`;
