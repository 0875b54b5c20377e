export interface MetricFamily {
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

/** Reads the Prometheus text format 0.0.4 by its grammar; throws at the first line that does not follow it. */
export function parseMetrics(text: string): Map<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, MetricFamily>();
  let current: [string, MetricFamily] | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, help, helpText] = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? [];
    const [, typed, type] = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (help !== undefined) {
      if (families.has(help)) throw new Error(`${help} stands twice`);
      current = [help, { type: '', help: helpText ?? '', samples: [] }];
      families.set(...current);
    } else if (typed !== undefined) {
      if (current?.[0] !== typed) throw new Error(`a type without its help: ${line}`);
      current[1].type = type ?? '';
    } else {
      if (!current) throw new Error(`a sample without a family: ${line}`);
      const sample = parseSample(line);
      const suffix = sample.name.slice(current[0].length);
      const allowed = current[1].type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!sample.name.startsWith(current[0]) || !allowed.includes(suffix))
        throw new Error(`a sample of another family: ${line}`);
      current[1].samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): MetricFamily['samples'][number] {
  const [, name = '', block, number] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9][0-9.e+-]*|[+-]Inf|NaN)$/.exec(line) ?? [];
  if (number === undefined) throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
  for (const text = block ?? ''; pair.lastIndex < text.length;) {
    const [, key = '', value = ''] = pair.exec(text) ?? [];
    if (key === '') throw new Error(`not labels: ${line}`);
    labels[key] = value.replaceAll(/\\(.)/g, (_match, c: string) => (c === 'n' ? '\n' : c));
  }
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
}
