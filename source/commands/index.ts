import type {Flags} from '../cli.ts';
import {answersCommand} from './answers.ts';

/** Runs one command of the contract and returns its exit code. Each is loaded only when asked for. */
export async function run(name: string, options: Record<string, unknown>, flags: Flags): Promise<number> {
	switch (name) {
		case 'answers': {
			return answersCommand(options);
		}

		case 'audit': {
			const {auditCommand} = await import('./audit.ts');
			return auditCommand(options, flags);
		}

		case 'report': {
			const {reportCommand} = await import('./report.ts');
			return reportCommand(options, flags);
		}

		case 'status': {
			const {statusCommand} = await import('./status.ts');
			return statusCommand(options, flags);
		}

		case 'undo': {
			const {undoCommand} = await import('./undo.ts');
			return undoCommand(options, flags);
		}

		case 'restore': {
			const {restoreCommand} = await import('./restore.ts');
			return restoreCommand(options, flags);
		}

		case 'confirm': {
			const {confirmCommand} = await import('./confirm.ts');
			return confirmCommand(flags);
		}

		case 'database': {
			const {rotateDatabase} = await import('./rotate.ts');
			return rotateDatabase(options, flags);
		}

		case 'rotate-secret': {
			const {rotateSecret} = await import('./rotate.ts');
			return rotateSecret(options, flags);
		}

		case 'guard-fire': {
			const {guardFireCommand} = await import('./guard-fire.ts');
			return guardFireCommand(flags);
		}

		default: {
			const {wizardCommand} = await import('./wizard.ts');
			return wizardCommand(flags);
		}
	}
}
