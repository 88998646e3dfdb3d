import {openJournal, type JournalStore} from '../../source/engine/journal.ts';
import type {AnyState, Provider, Providers, ResourceType} from '../../source/engine/types.ts';

/** The power went. Nothing after it happened; what was durable before it stays. */
export class PowerCut extends Error {}

/** A machine in memory whose power fails after a number of effects; `Infinity` is a day without one. */
export class FakeMachine {
	readonly things = new Map<string, AnyState>();
	readonly secrets = new Map<string, string>();
	journal = '';
	effects = 0;
	private budget = Number.POSITIVE_INFINITY;

	cutAfter(effects: number): void {
		this.effects = 0;
		this.budget = effects;
	}

	readonly store: JournalStore = {
		read: async () => this.journal,
		append: async text => {
			this.tick(() => {
				// A torn write: the half that reached the disk.
				this.journal += text.slice(0, Math.floor(text.length / 2));
			});
			this.journal += text;
		},
		truncate: async length => {
			this.tick();
			this.journal = this.journal.slice(0, length);
		},
		putSecret: async (name, text) => {
			this.tick();
			this.secrets.set(name, text);
		},
		getSecret: async name => {
			const text = this.secrets.get(name);
			if (text === undefined) {
				throw new Error(`no secret ${name}`);
			}

			return text;
		},
	};

	/** Files are written atomically; every other type passes through a half-done state that is neither before nor after. */
	readonly providers: Providers = new Proxy({} as Providers, {
		get: (_, type: ResourceType) => this.provider(type),
	});

	openJournal = async () => openJournal(this.store, {tool: '0.0.0', now: () => '2026-01-01T00:00:00.000Z'});

	/** The things as plain data, to compare. */
	picture(): Record<string, AnyState> {
		return Object.fromEntries([...this.things].toSorted(([a], [b]) => a.localeCompare(b)));
	}

	private tick(tear?: () => void): void {
		this.effects++;
		if (this.effects > this.budget) {
			tear?.();
			throw new PowerCut();
		}
	}

	private provider(type: ResourceType): Provider {
		const isPackage = type === 'package';
		const key = (name: string) => `${type} ${name}`;
		const write = async (name: string, state: AnyState) => {
			if (type === 'file') {
				this.tick();
			} else {
				this.tick(() => {
					this.things.set(key(name), {half: 'done'} as never);
				});
				this.things.set(key(name), {half: 'done'} as never);
				this.tick();
			}

			if (state === null || (isPackage && !(state as {installed: boolean}).installed)) {
				this.things.delete(key(name));
			} else {
				this.things.set(key(name), structuredClone(state));
			}
		};

		return {
			read: async name => structuredClone(this.things.get(key(name)) ?? (isPackage ? {installed: false} : null)),
			write,
			...isPackage && {
				async writeAll(entries: ReadonlyArray<{name: string; state: AnyState}>) {
					for (const {name, state} of entries) {
						await write(name, state);
					}
				},
			},
			...type === 'file' && {atomic: true as const},
		};
	}
}
