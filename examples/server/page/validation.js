// SPDX-License-Identifier: MIT
// The rules for values, by the worker of check.js, with a deadline.

const DEADLINE_MS = 5000;

export class Validation {
	constructor(definitions) {
		this.definitions = definitions;
		this.worker = null;
		this.number = 0;
	}

	// Its deadlines begin when it is there: how long the network takes is no fault of the values.
	start() {
		this.worker = new Worker('/page/check.js');
		return new Promise((resolve) => {
			this.worker.onmessage = () => resolve(true);
			this.worker.onerror = () => resolve(false);
		});
	}

	/**
	 * values: Map with a value for each definition. Answers {visible: Set, failures: Map} by id;
	 * null: it took too long or cannot be checked here, and the server will have the last word.
	 */
	async check(values) {
		if (!this.worker)
			this.ready = this.start();
		this.number += 1;
		const number = this.number;
		if (!await this.ready || !this.worker) {
			this.close();
			return null;
		}
		return this.ask(number, values);
	}

	ask(number, values) {
		const worker = this.worker;

		return new Promise((resolve) => {
			const end = (answer) => {
				clearTimeout(timer);
				worker.removeEventListener('message', take);
				resolve(answer);
			};
			const take = ({ data }) => {
				if (data.number === number)
					end(data.message ? null : {
						visible: new Set(data.visible),
						failures: new Map(data.failures.map((failure) => [failure.id, failure.message])),
					});
			};
			const timer = setTimeout(() => {
				if (this.worker === worker)
					this.close();
				end(null);
			}, DEADLINE_MS);

			worker.addEventListener('message', take);
			worker.postMessage({ number, definitions: this.definitions, values: [...values].map(([name, value]) => ({ name, value })) });
		});
	}

	close() {
		if (this.worker)
			this.worker.terminate();
		this.worker = null;
	}
}
