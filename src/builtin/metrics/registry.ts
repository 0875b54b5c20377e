export type Labels = Readonly<Record<string, string>>;
type Kind = 'counter' | 'gauge' | 'histogram';

/** One value of a metric at the time of reading. */
export interface Sample {
  labels: Labels;
  value: number;
}

interface Family {
  name: string;
  kind: Kind;
  help: string;
  lines: () => string[];
}

/** A number that only grows. */
export class Counter {
  value = 0;

  add(n = 1): void {
    this.value += n;
  }
}

/** The number of observations up to each bound, and their sum. */
export class Histogram {
  readonly counts: number[];
  sum = 0;
  count = 0;

  /** `bounds` must ascend. Larger values count under `+Inf`. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    for (let i = 0; i < this.bounds.length; i += 1) {
      if (value > (this.bounds[i] ?? Infinity)) continue;
      this.counts[i] = (this.counts[i] ?? 0) + 1;
      return;
    }
  }
}

/** The metrics of this process, and their text in the Prometheus exposition format 0.0.4. */
export class Registry {
  readonly #families: Family[] = [];

  /** Counters by labels; see {@link Series}. */
  counters(name: string, help: string, limit?: number): Series<Counter> {
    const series = new Series(() => new Counter(), limit);
    this.#add(name, 'counter', help, () =>
      [...series.all()].map(([labels, { value }]) => sampleLine(name, labels, value)),
    );
    return series;
  }

  histograms(name: string, help: string, bounds: readonly number[], limit?: number): Series<Histogram> {
    const series = new Series(() => new Histogram(bounds), limit);
    this.#add(name, 'histogram', help, () =>
      [...series.all()].flatMap(([labels, histogram]) => histogramLines(name, labels, histogram)),
    );
    return series;
  }

  /** A metric whose values are computed when they are read. */
  observed(name: string, kind: 'counter' | 'gauge', help: string, read: () => readonly Sample[]): void {
    this.#add(name, kind, help, () => read().map(({ labels, value }) => sampleLine(name, labels, value)));
  }

  text(): string {
    return this.#families
      .flatMap(({ name, kind, help, lines }) => [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} ${kind}`,
        ...lines(),
      ])
      .map((line) => `${line}\n`)
      .join('');
  }

  #add(name: string, kind: Kind, help: string, lines: () => string[]): void {
    this.#families.push({ name, kind, help, lines });
  }
}

const usualLimit = 2000;

/**
 * The members of one metric by their labels, limited in number. Beyond the limit, values count under the same label names
 * with the value `other`.
 */
export class Series<T> {
  readonly #members = new Map<string, { labels: Labels; member: T }>();

  constructor(
    readonly create: () => T,
    readonly limit = usualLimit,
  ) {}

  with(labels: Labels): T {
    const key = Object.values(labels).join('\0');
    const known = this.#members.get(key);
    if (known) return known.member;
    const full = this.#members.size >= this.limit;
    const shown = full ? Object.fromEntries(Object.keys(labels).map((name) => [name, 'other'])) : labels;
    const shownKey = full ? Object.values(shown).join('\0') : key;
    const entry = this.#members.get(shownKey) ?? { labels: shown, member: this.create() };
    this.#members.set(shownKey, entry);
    return entry.member;
  }

  *all(): Iterable<[Labels, T]> {
    for (const { labels, member } of this.#members.values()) yield [labels, member];
  }
}

function histogramLines(name: string, labels: Labels, { bounds, counts, sum, count }: Histogram): string[] {
  let below = 0;
  const buckets = bounds.map((bound, i) => {
    below += counts[i] ?? 0;
    return sampleLine(`${name}_bucket`, { ...labels, le: String(bound) }, below);
  });
  return [
    ...buckets,
    sampleLine(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    sampleLine(`${name}_sum`, labels, sum),
    sampleLine(`${name}_count`, labels, count),
  ];
}

function sampleLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberText(value)}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
