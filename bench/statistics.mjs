/** The value below which a share of the values lies; `undefined` when a value is missing. */
export function quantile(values, share) {
  if (values.length === 0 || values.some((value) => value === undefined || Number.isNaN(value)))
    return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Records of the same members, as one of their medians. */
export function mediansOf(records) {
  return Object.fromEntries(
    Object.keys(records[0]).map((key) => [key, median(records.map((one) => one[key]))]),
  );
}

export function median(values) {
  return quantile(values, 0.5);
}
