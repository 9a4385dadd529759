// The hearing clock as this screen estimates it: of the last eight exchanges the one with the shortest way counts.

interface Sample {
  rtt: number;
  offset: number;
}

const KEPT = 8;

export class HearingClock {
  #samples: Sample[] = [];

  /** `sent` and `received` are on the local monotonic clock, `remote` is the hearing time in the answer; all ms. */
  exchange(sent: number, received: number, remote: number): void {
    const rtt = received - sent;
    if (rtt < 0) return;
    this.#samples.push({ rtt, offset: remote - (sent + rtt / 2) });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** A first estimate from a one-way message, used until an exchange was made. */
  guess(received: number, remote: number): void {
    if (this.#samples.length === 0) this.#samples.push({ rtt: Number.MAX_VALUE, offset: remote - received });
  }

  get #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>((best, s) => (best && best.rtt <= s.rtt ? best : s), undefined);
  }

  /** Hearing time now, in ms. */
  at(local: number): number {
    return Math.max(0, Math.round(local + (this.#best?.offset ?? 0)));
  }

  /** The shortest way there and back seen lately; null before the first exchange. */
  get rttMs(): number | null {
    const best = this.#best;
    return best && best.rtt < Number.MAX_VALUE ? best.rtt : null;
  }
}
