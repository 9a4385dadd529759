// 合议, 法官会议, 审委会, asked for from a member's seat of the hearing.

import type { MeetingKind } from '../protocol/MeetingKind';
import type { Stage } from '../protocol/Stage';
import { get, post } from './api';

export interface MeetingOffer {
  meeting: string;
  kind: MeetingKind;
  /** When it was convened: UTC in ms. */
  since: number;
  stage: Stage;
}

export interface Convening {
  kind: MeetingKind;
  /** A clerk's or assistant's seat of the hearing. */
  recorder: string | null;
  seats: string[];
  /** Members without a seat in the hearing, juniors first. */
  guests: { name: string; chairs: boolean }[];
}

export interface Convened {
  meeting: string;
  guests: { name: string; url: string }[];
}

export const meetings = {
  list: () => get<MeetingOffer[]>('api/meetings'),
  convene: (convening: Convening) => post<Convened>('api/meetings', convening),
  enter: (meeting: string) => post<{ url: string }>(`api/meetings/${meeting}/enter`),
};
