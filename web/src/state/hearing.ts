// What one screen knows of the hearing: the snapshot of its view class and the things that are seen and not recorded.
//
//   welcome(snapshot) ──► known ── update* ──► known        (dense seq, checked by the connection)
//                           ▲                    │
//                           └───── resync ◄──────┘
//
// Pure: (state, message) gives the next state. Time, sockets and the framework live elsewhere.

import type { CommandOutcome } from '../protocol/CommandOutcome';
import type { Ephemeral } from '../protocol/Ephemeral';
import type { Found as Answer } from '../protocol/Found';
import type { HearingTime } from '../protocol/HearingTime';
import type { SeatId } from '../protocol/SeatId';
import type { ServerMsg } from '../protocol/ServerMsg';
import type { Snapshot } from '../protocol/Snapshot';
import type { Status } from '../protocol/Status';
import type { ViewClass } from '../protocol/ViewClass';
import { applyUpdate, unknown } from './snapshot';

/** Speech still being recognised; never recorded. */
export interface Partial {
  seat: SeatId;
  utterance: number;
  from: HearingTime;
  text: string;
}

/** A spoken command as heard; `count` tells one from the next. */
export interface Heard {
  count: number;
  text: string;
  outcome: CommandOutcome;
}

/** The last answer to a search. */
export type Found = Answer & { queryId: number; text: string };

export interface HearingState {
  seat: SeatId | null;
  class: ViewClass | null;
  snapshot: Snapshot | null;
  /** In order of `from`. */
  partials: Partial[];
  status: Status | null;
  /** Since when each screen has been known to be up, on the hearing clock. */
  upSince: Readonly<Record<SeatId, number>>;
  /** dB below full scale, per microphone. */
  levels: Record<SeatId, number>;
  /** What each seat points at or draws now. */
  ephemerals: Record<SeatId, Ephemeral>;
  heard: Heard | null;
  found: Found | null;
  dossierRevision: number;
}

/** Less than that is a breath. */
const LAG_MS = 4000;

/** Seconds by which the text is behind what is said. */
export function secondsBehind(status: Status | null): number {
  const lag = status?.speechLagMs ?? 0;
  return lag > LAG_MS ? Math.round(lag / 1000) : 0;
}

export const NOTHING: HearingState = {
  seat: null,
  class: null,
  snapshot: null,
  partials: [],
  status: null,
  upSince: {},
  levels: {},
  ephemerals: {},
  heard: null,
  found: null,
  dossierRevision: 0,
};

export function apply(state: HearingState, msg: ServerMsg): HearingState {
  switch (msg.type) {
    case 'welcome':
      return {
        ...state,
        seat: msg.seat,
        class: msg.class,
        snapshot: msg.snapshot ?? state.snapshot,
        // Whoever was speaking or drawing while the line was down is told of again or has ended.
        partials: [],
        ephemerals: {},
      };
    case 'resync':
      return { ...state, snapshot: msg.snapshot, partials: [] };
    case 'update':
      if (!state.snapshot) return state;
      return over({ ...state, snapshot: msg.updates.reduce(applyUpdate, state.snapshot) });
    case 'partial': {
      const { seat, utterance, from, text } = msg;
      const others = state.partials.filter((p) => p.seat !== seat || p.utterance !== utterance);
      const partials = [...others, { seat, utterance, from, text }].sort((a, b) => a.from - b.from);
      return { ...state, partials };
    }
    case 'partialGone':
      return {
        ...state,
        partials: state.partials.filter((p) => p.seat !== msg.seat || p.utterance !== msg.utterance),
      };
    case 'status': {
      const { type: _, ...status } = msg;
      const upSince = Object.fromEntries(status.online.map((seat) => [seat, state.upSince[seat] ?? status.now]));
      return over({ ...state, status, upSince });
    }
    case 'levels':
      return { ...state, levels: Object.fromEntries(msg.levels) };
    case 'ephemeral': {
      const { [msg.by]: _, ...rest } = state.ephemerals;
      return { ...state, ephemerals: isGone(msg.what) ? rest : { ...rest, [msg.by]: msg.what } };
    }
    case 'heard':
      return { ...state, heard: { count: (state.heard?.count ?? 0) + 1, text: msg.text, outcome: msg.outcome } };
    case 'results':
      // Answers may come in another order than questions: one that was overtaken is out of date.
      if (state.found && msg.queryId < state.found.queryId) return state;
      return { ...state, found: { ...msg.found, queryId: msg.queryId, text: msg.text } };
    case 'dossierChanged':
      return { ...state, dossierRevision: msg.revision };
    case 'done':
    case 'denied':
    case 'pong':
    case 'malformed':
    case 'bye':
      return state;
    default:
      return unknown(msg, state);
  }
}

/** Once sound is sealed and recognised to its end, nothing is being said any more. */
function over(state: HearingState): HearingState {
  const ended = state.snapshot?.course.mediaSealed === true && (state.status?.speechLagMs ?? 0) === 0;
  return ended && state.partials.length > 0 ? { ...state, partials: [] } : state;
}

function isGone(what: Ephemeral): boolean {
  return what.kind === 'pointer' ? what.at === null : what.shape === null;
}
