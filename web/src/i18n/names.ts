// Names of people, places and things as the language in use has them. The court's own words (case, persons, titles)
// stay as they are.

import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { Course } from '../protocol/Course';
import type { Evidence } from '../protocol/Evidence';
import type { Outline } from '../protocol/Outline';
import type { PageProblem } from '../protocol/PageProblem';
import type { Phase } from '../protocol/Phase';
import type { Role } from '../protocol/Role';
import type { Seat } from '../protocol/Seat';
import type { Side } from '../protocol/Side';
import { hanzi } from '../state/numerals';
import { held } from '../state/outline';
import type { Group } from '../state/people';
import { t, type Language } from '.';

/** The label before a line of the 笔录; the same in both languages, since it is what the paper has. */
const LETTERS: Record<Role, string> = {
  presidingJudge: '审',
  judge: '审',
  assessor: '审',
  judgeAssistant: '审',
  clerk: '书',
  plaintiff: '原',
  plaintiffAgent: '原代',
  defendant: '被',
  defendantAgent: '被代',
  thirdParty: '三',
  thirdPartyAgent: '三代',
  witness: '证',
  expert: '鉴',
  expertAssistant: '专',
  interpreter: '译',
  public: '旁',
};

const SIDE_LETTERS: Record<Side, string> = {
  bench: '审',
  clerk: '书',
  plaintiff: '原',
  defendant: '被',
  thirdParty: '三',
  witness: '证',
  public: '旁',
};

const PARTY_WORDS: readonly (readonly [string, Side])[] = [['原告', 'plaintiff'], ['被告', 'defendant'], ['第三人', 'thirdParty']];

/** The party that the name of a file begins to speak of, as the hub reads those of an archive: 原告证据三 借款合同.pdf. */
export function sideNamed(name: string): Side | null {
  const found = PARTY_WORDS.flatMap(([word, side]) => (name.includes(word) ? [{ at: name.indexOf(word), side }] : []));
  return found.sort((a, b) => a.at - b.at)[0]?.side ?? null;
}

export function letterOf(role: Role): string {
  return LETTERS[role];
}

/** The speaker's name, where the letter alone does not say who it was. */
export function speakerName(seat: string, seats: readonly Seat[]): string {
  const speaker = seats.find((s) => s.id === seat);
  const shared = speaker && seats.some((s) => s.id !== seat && letterOf(s.role) === letterOf(speaker.role));
  return shared ? speaker.name : '';
}

export function letterOfSide(side: Side): string {
  return SIDE_LETTERS[side];
}

export function evidenceNumber(n: number, language: Language): string {
  return language === 'zh' ? `证据${hanzi(n)}` : `Ex. ${n}`;
}

type Named = Pick<CatalogueDoc, 'side' | 'evidenceNumber' | 'title'>;

export function docName(doc: Named, language: Language): string {
  return doc.evidenceNumber === null ? doc.title : `${evidenceNumber(doc.evidenceNumber, language)} ${doc.title}`;
}

/** `docs`: those of the case, for the paper a page is the twin of. */
export function pageProblem(p: PageProblem, doc: CatalogueDoc, docs: readonly CatalogueDoc[]): string {
  switch (p.is) {
    case 'leaning':
      return t('pageProblem.leaning', { page: p.page, degrees: Math.abs(p.degrees) });
    case 'twin': {
      const of = t('page.nth', { n: p.of.page });
      const other = p.of.doc === doc.doc ? null : docs.find((d) => d.doc === p.of.doc);
      return t('pageProblem.twin', { page: p.page, of: other ? t('page.ofDoc', { title: other.title, page: of }) : of });
    }
    case 'missing':
      return p.from === p.to
        ? t('pageProblem.missingOne', { page: p.page, n: p.from })
        : t('pageProblem.missing', { page: p.page, from: p.from, to: p.to });
    case 'unreadable':
      return t('pageProblem.unreadable', { page: p.page, why: p.why });
    case 'turned': {
      const problem = t(p.degrees === 180 ? 'pageProblem.upsideDown' : 'pageProblem.sideways', { page: p.page });
      return p.unclear ? t('pageProblem.textToo', { problem }) : problem;
    }
    default:
      return t(`pageProblem.${p.is}`, { page: p.page });
  }
}

/** What is wrong with pages of a document, in one text. */
export function pageProblems(doc: CatalogueDoc, docs: readonly CatalogueDoc[]): string {
  return doc.problems.map((p) => pageProblem(p, doc, docs)).join(t('list.semicolon'));
}

/** 原告证据三 借款合同 */
export function docLabel(doc: Named, language: Language): string {
  if (doc.evidenceNumber === null) return doc.title;
  return `${t(`side.${doc.side}`)}${language === 'zh' ? '' : ' '}${docName(doc, language)}`;
}

export function evidenceName(e: Evidence, language: Language): string {
  return `${evidenceNumber(e.number, language)} ${e.name}`;
}

export function phaseName(phase: Phase, language: Language): string {
  return language === 'zh' ? phase.zh : phase.en;
}

/** 举证质证＋法庭辩论: the phases the bench is in; empty where it is in none. */
export function phasesHeld(outline: Outline, course: Course, language: Language): string {
  return held(outline, course).map((p) => phaseName(p, language)).join(language === 'zh' ? '＋' : ' + ');
}

/** 原告; 原告张三、李四 where the side falls apart. */
export function groupName(group: Group): string {
  const side = t(`side.${group.side}`);
  if (group.names.length === 0) return side;
  return t('side.named', { side, names: group.names.join(t('list.comma')) });
}
