// Times as the screens write them. The court's day is Beijing time (UTC+8, no summer time), whatever the machine says.

const BEIJING_MS = 8 * 3600 * 1000;

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** 10:02:11 of the day, from UTC milliseconds. */
export function clockTime(utcMs: number): string {
  const s = Math.floor((utcMs + BEIJING_MS) / 1000) % 86_400;
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** 2026-11-23 of UTC milliseconds. */
export function calendarDay(utcMs: number): string {
  return new Date(utcMs + BEIJING_MS).toISOString().slice(0, 10);
}

/** 00:42:17 of a duration. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}
