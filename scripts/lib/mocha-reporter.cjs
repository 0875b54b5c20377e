// Mocha's own output for people, and the counts as a JSON file for the scripts (reporter option `report`).
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

module.exports = class CountingReporter extends Mocha.reporters.Spec {
  #report;

  constructor(runner, options) {
    super(runner, options);
    this.#report = options.reporterOption?.report ?? options.reporterOptions?.report;
  }

  done(failures, finish) {
    const { passes, failures: failed, pending } = this.stats;
    if (this.#report) writeFileSync(this.#report, JSON.stringify({ passed: passes, failed, pending }));
    finish?.(failures);
  }
};
