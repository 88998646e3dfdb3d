/**
 * Where an app's parts lie on the server. One place for all steps: the app, its web server, its secrets, its backups.
 * Everything under /etc and /srv is root's, and the app may only read it; it writes below `state`, nowhere else.
 */
export function layoutOf(name: string) {
	const settings = `/etc/harden/${name}`;
	const home = `/srv/${name}`;
	const state = `/var/lib/${name}`;
	return {
		/** The system user that the app runs as, and its group. */
		user: name,
		settings,
		/** Variables that are no secret: an EnvironmentFile of systemd.exec(5). */
		environment: `${settings}/environment`,
		gunicorn: `${settings}/gunicorn.conf.py`,
		/** One file a secret, named as its variable; root's, 0700 and 0600. systemd hands them over (LoadCredential). */
		credentials: `${settings}/credentials`,
		/** The same, encrypted to this host (systemd-creds(1)): LoadCredentialEncrypted. */
		sealed: `${settings}/credentials.sealed`,
		/** What an agent of OpenBao or Vault reads. */
		vault: `${settings}/vault`,
		home,
		/** A link to the code: a sample, a checkout, or wherever the user keeps it. */
		code: `${home}/code`,
		/** What git fetched. */
		checkout: `${home}/checkout`,
		/** Which packages exactly, where the user has them locked. */
		lock: `${settings}/requirements.lock`,
		/** A link to the environment in use, one of `venvs`. */
		venv: `${home}/venv`,
		venvs: `${home}/venvs`,
		state,
		static: `${state}/static`,
		media: `${state}/media`,
		runtime: `/run/${name}`,
		socket: `/run/${name}/gunicorn.sock`,
		service: `${name}.service`,
		socketUnit: `${name}.socket`,
		/** Further settings of the service, a file a step. */
		dropIns: `/etc/systemd/system/${name}.service.d`,
		/** What the vhost includes, a file a concern. */
		nginx: `/etc/nginx/harden/${name}`,
		accessLog: `/var/log/nginx/${name}.access.log`,
		errorLog: `/var/log/nginx/${name}.error.log`,
		/** One line of JSON for each request that the application firewall spoke of. Not *.log: nginx's own rotation could not make ModSecurity open a new one. */
		wafLog: `/var/log/nginx/${name}-waf.json`,
	} as const;
}
