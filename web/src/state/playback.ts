// Where in the recording a moment of the hearing lies. Playlists carry the wall-clock time of each fragment; recesses
// and faults are holes, so places are found by date, never by subtraction.

export interface DatedFragment {
  /** Media time, in seconds. */
  start: number;
  duration: number;
  /** UTC in ms of its beginning; null where the playlist does not say. */
  programDateTime: number | null;
  /** A hole: nothing to play. */
  gap?: boolean;
}

/** Media time of a moment; in a hole, where the recording goes on. Null: nothing is recorded at or after it. */
export function mediaTime(fragments: readonly DatedFragment[], utcMs: number): number | null {
  for (const f of fragments) {
    if (f.programDateTime === null || f.gap) continue;
    const end = f.programDateTime + f.duration * 1000;
    if (utcMs < end) return f.start + Math.max(0, (utcMs - f.programDateTime) / 1000);
  }
  return null;
}

/** What a moment may lack at the edge of what is recorded: words begin a little before the recorder does. */
const EDGE_MS = 1500;

/** Whether the moment itself is recorded: not in a hole, nor before or after everything. */
export function isRecorded(fragments: readonly DatedFragment[], utcMs: number): boolean {
  return fragments.some((f) => {
    const from = f.programDateTime;
    return from !== null && !f.gap && utcMs >= from - EDGE_MS && utcMs < from + f.duration * 1000 + EDGE_MS;
  });
}

/** UTC of a media time; null outside what is recorded. */
export function utcAt(fragments: readonly DatedFragment[], seconds: number): number | null {
  const f = fragments.find((f) => seconds >= f.start && seconds < f.start + f.duration);
  return f && f.programDateTime !== null ? f.programDateTime + (seconds - f.start) * 1000 : null;
}
