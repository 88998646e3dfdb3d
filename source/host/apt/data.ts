/** Packages that hold somebody's data, which a purge would delete without a question: they are only ever removed. */
export function holdsData(name: string): boolean {
	return /^(?:postgresql-\d+|mariadb-server|mysql-server)(?:[.-][\d.]+|-core)?$/.test(name);
}

/** Folders of such a package's settings, which it needs to find its data again, empty or not. */
export function belongsToData(folder: string): boolean {
	return /^\/etc\/(?:postgresql|mysql)(?:\/|$)/.test(folder);
}
