// Beijing's calendar, whatever the clock of this browser is set to.

const HOURS_MS = 8 * 3_600_000;

/** `2026-03-01`. */
export function dayOf(utcMs: number): string {
  return new Date(utcMs + HOURS_MS).toISOString().slice(0, 10);
}

/** `2026-03-01 09:30`. */
export function minuteOf(utcMs: number): string {
  return new Date(utcMs + HOURS_MS).toISOString().slice(0, 16).replace('T', ' ');
}

/** A rate in per cent with two decimals; a dash where there is nothing to count. */
export function rate(numerator: number, denominator: number): string {
  return denominator === 0 ? '—' : `${((numerator * 100) / denominator).toFixed(2)}%`;
}
