import type {MonitoringFacts} from '../../engine/facts.ts';
import type {Host} from '../../engine/types.ts';

/** What is stored and what waits: names in folders only, since the values are secret. */
export async function collectMonitoring(host: Host): Promise<MonitoringFacts> {
	const [settings, programs, queue, logs] = await Promise.all([
		host.list('/etc/harden/alert'),
		host.list('/usr/sbin'),
		host.list('/var/lib/harden-python-vps/alerts/queue'),
		host.list('/var/log'),
	]);
	return {
		webhook: settings.includes('webhook'),
		smtpPassword: settings.includes('smtp-password'),
		sendmail: programs.includes('sendmail'),
		waiting: queue.filter(name => name.endsWith('.json')).length,
		logFolder: logs.includes('journal'),
	};
}
