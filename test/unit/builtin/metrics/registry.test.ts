import assert from 'node:assert/strict';
import { Registry } from '../../../../src/builtin/metrics/registry';
import { parseMetrics } from '../../../support/prometheus';

describe('the metrics', () => {
  it('are text that a parser of the format accepts, with any labels', () => {
    const registry = new Registry();
    const name = 'a "quoted"\\ name\nof two lines, with = and {}';
    registry.counters('calls_total', 'Calls,\nwith a \\ in the help.').with({ name, kind: 'x' }).add(3);
    registry.observed('lag_seconds', 'gauge', 'Lag.', () => [{ labels: {}, value: 0.0000001 }]);
    const families = parseMetrics(registry.text());
    assert.deepEqual(families.get('calls_total')?.samples, [
      { name: 'calls_total', labels: { name, kind: 'x' }, value: 3 },
    ]);
    assert.equal(families.get('lag_seconds')?.samples[0]?.value, 1e-7);
  });

  it('have histograms whose buckets hold all that is below them', () => {
    const registry = new Registry();
    const series = registry.histograms('seconds', 'Seconds.', [0.1, 1, 10]);
    for (const value of [0.1, 0.5, 5, 50]) series.with({ server: 'a' }).observe(value);
    const samples = parseMetrics(registry.text()).get('seconds')?.samples ?? [];
    assert.deepEqual(
      samples.map(({ name, labels, value }) => [name, labels['le'] ?? '', value]),
      [
        ['seconds_bucket', '0.1', 1],
        ['seconds_bucket', '1', 2],
        ['seconds_bucket', '10', 3],
        ['seconds_bucket', '+Inf', 4],
        ['seconds_sum', '', 55.6],
        ['seconds_count', '', 4],
      ],
    );
  });

  it('count under "other" what would be one series too many', () => {
    const registry = new Registry();
    const series = registry.counters('calls_total', 'Calls.', 2);
    for (const name of ['a', 'b', 'c', 'd', 'a']) series.with({ name }).add();
    const samples = parseMetrics(registry.text()).get('calls_total')?.samples ?? [];
    assert.deepEqual(
      samples.map(({ labels, value }) => [labels['name'], value]),
      [
        ['a', 2],
        ['b', 1],
        ['other', 2],
      ],
    );
  });
});
