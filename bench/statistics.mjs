/** The value below which a share of the values lies; `undefined` when a value is missing. */
export function quantile(values, share) {
  if (values.length === 0 || values.some((value) => value === undefined || Number.isNaN(value)))
    return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(values) {
  return quantile(values, 0.5);
}
