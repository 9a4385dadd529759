// A snippet cut where its matched words begin and end. The hub counts characters, not UTF-16 units.

export interface Cut {
  text: string;
  matched: boolean;
}

export function cut(snippet: string, matched: readonly (readonly [number, number])[]): Cut[] {
  const chars = [...snippet];
  const cuts: Cut[] = [];
  let at = 0;
  const push = (from: number, to: number, hit: boolean) => {
    if (to > from) cuts.push({ text: chars.slice(from, to).join(''), matched: hit });
  };
  for (const [from, to] of matched) {
    if (from < at || from > chars.length) continue;
    push(at, from, false);
    push(from, Math.min(to, chars.length), true);
    at = Math.min(to, chars.length);
  }
  push(at, chars.length, false);
  return cuts;
}
