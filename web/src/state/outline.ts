// The outline at a desk: which phase comes next, which texts are at hand, and their placeholders filled from case and
// roster. Court language, not interface language: what is filled in goes into the record.

import type { Course } from '../protocol/Course';
import type { Fact } from '../protocol/Fact';
import type { HearingInfo } from '../protocol/HearingInfo';
import type { Outline } from '../protocol/Outline';
import type { Phase } from '../protocol/Phase';
import type { PhaseId } from '../protocol/PhaseId';
import type { Role } from '../protocol/Role';
import type { Seat } from '../protocol/Seat';
import type { Side } from '../protocol/Side';
import type { StandardText } from '../protocol/StandardText';
import { hanzi } from './numerals';
import { inDefault, inOrder, isParty, sideOf } from './people';

/** Stands where nothing fills a placeholder: to be written by hand. */
export const BLANK = '＿＿';

export type Facts = Record<Fact, string>;

/** 称谓 before a name in the record. */
const TITLES: Partial<Record<Role, string>> = {
  plaintiff: '原告',
  plaintiffAgent: '原告委托诉讼代理人',
  defendant: '被告',
  defendantAgent: '被告委托诉讼代理人',
  thirdParty: '第三人',
  thirdPartyAgent: '第三人委托诉讼代理人',
};

const BENCH: [Role, string][] = [['judge', '审判员'], ['assessor', '人民陪审员']];

function tribunal(seats: readonly Seat[], presiding: string): string {
  const others = BENCH.flatMap(([role, title]) => seats.filter((s) => s.role === role).map((s) => `${title}${s.name || BLANK}`));
  if (others.length === 0) return `由审判员${presiding || BLANK}独任审理`;
  return `由审判长${presiding || BLANK}、${others.join('、')}组成合议庭`;
}

/** What fills the placeholders; empty where the hearing has nothing for it. `day`: 2026-11-23. */
export function factsOf(info: HearingInfo, seats: readonly Seat[], day: string): Facts {
  const names = (role: Role) => seats.filter((s) => s.role === role && s.name).map((s) => s.name).join('、');
  const presiding = names('presidingJudge');
  const litigants = inOrder(seats).filter((s) => isParty(sideOf(s.role)));
  const checked = litigants.some((s) => s.present);
  const called = (those: readonly Seat[]) => (checked ? those.map((s) => `${TITLES[s.role] ?? ''}${s.name}`).join('、') : '');
  const missing = (side: Side) => (checked ? inDefault(side, seats).map((s) => s.name).join('、') : '');
  const panel = seats.some((s) => s.role === 'judge' || s.role === 'assessor');
  return {
    法院: info.court,
    法庭: info.room,
    案号: info.number,
    案由: info.cause,
    次数: hanzi(info.session),
    公开: info.public ? '公开' : '不公开',
    日期: day.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日'),
    称呼: panel ? '审判长' : '审判员',
    审判组织: tribunal(seats, presiding),
    审判长: presiding,
    书记员: names('clerk'),
    原告: names('plaintiff'),
    原告代理人: names('plaintiffAgent'),
    被告: names('defendant'),
    被告代理人: names('defendantAgent'),
    第三人: names('thirdParty'),
    第三人代理人: names('thirdPartyAgent'),
    证人: names('witness'),
    鉴定人: names('expert'),
    到庭人员: called(litigants.filter((s) => s.present)),
    未到庭人员: called(litigants.filter((s) => !s.present)),
    缺席原告: missing('plaintiff'),
    缺席被告: missing('defendant'),
    缺席第三人: missing('thirdParty'),
  };
}

/** Fills `{词}`; a part in `[ ]` is left out where one of its placeholders has nothing. */
export function fill(text: string, facts: Facts, terms: Outline['terms']): string {
  const value = (word: string) => terms[word] ?? (facts as Record<string, string>)[word] ?? '';
  const optional = text.replace(/\[([^[\]]*)\]/g, (_, part: string) => {
    const words = [...part.matchAll(/\{([^{}]+)\}/g)].map((m) => m[1] ?? '');
    return words.every((w) => value(w) !== '') ? part : '';
  });
  return optional.replace(/\{([^{}]+)\}/g, (_, word: string) => value(word) || BLANK);
}

/** The phases the bench is in: the current one, then those held together with it. */
export function held(outline: Outline, course: Course): Phase[] {
  const ids = course.phase === null ? course.merged : [course.phase, ...course.merged];
  return ids.flatMap((id) => outline.phases.filter((p) => p.id === id));
}

/** The phase after the one the bench is in, and after those held with it; null at the end. */
export function nextPhase(outline: Outline, course: Course): Phase | null {
  const at = held(outline, course).map((p) => outline.phases.indexOf(p));
  return outline.phases[Math.max(-1, ...at) + 1] ?? null;
}

/** Whether `id` comes before `other` in the usual order; a phase not known comes before all. */
export function isBefore(outline: Outline, id: PhaseId | null, other: PhaseId): boolean {
  const place = (p: PhaseId | null) => outline.phases.findIndex((x) => x.id === p);
  return place(id) < place(other);
}

/** Texts of one phase; `phase` is null for those at hand in every phase. */
export interface TextGroup {
  phase: Phase | null;
  here: boolean;
  texts: StandardText[];
}

/** A text about parties in default stands only while there are any. */
function applies(text: StandardText, facts: Facts): boolean {
  return [...text.text.matchAll(/\{(缺席[^{}]+)\}/g)].every(([, word]) => (facts as Record<string, string>)[word ?? ''] !== '');
}

/** 语句库: the current phase first, then what is at hand everywhere, then the other phases in their order. */
export function textGroups(outline: Outline, course: Course, facts: Facts): TextGroup[] {
  const now = held(outline, course);
  const others = outline.phases.filter((p) => !now.includes(p));
  const group = (phase: Phase, here: boolean): TextGroup => ({ phase, here, texts: phase.texts });
  const all = [...now.map((p) => group(p, true)), { phase: null, here: false, texts: outline.texts }, ...others.map((p) => group(p, false))];
  return all.map((g) => ({ ...g, texts: g.texts.filter((s) => applies(s, facts)) })).filter((g) => g.texts.length > 0);
}

/** Those whose code begins so, or whose title holds it; all for nothing typed. Groups left empty go. */
export function matching(groups: readonly TextGroup[], typed: string): TextGroup[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [...groups];
  const fits = (s: StandardText) => s.code.startsWith(wanted) || s.title.includes(wanted);
  return groups.map((g) => ({ ...g, texts: g.texts.filter(fits) })).filter((g) => g.texts.length > 0);
}

/** The standard text whose code stands right before the caret, and where the code begins; null for none. */
export function phraseAt(groups: readonly TextGroup[], text: string, caret: number): { phrase: StandardText; from: number } | null {
  const code = /[A-Za-z0-9]+$/.exec(text.slice(0, caret))?.[0];
  if (!code) return null;
  const phrase = groups.flatMap((g) => g.texts).find((s) => s.code === code.toLowerCase());
  return phrase ? { phrase, from: caret - code.length } : null;
}
