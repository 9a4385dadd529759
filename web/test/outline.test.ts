import { describe, expect, it } from 'vitest';
import { NAMES, outline as shipped } from '../mock/outline.mjs';
import type { Course } from '../src/protocol/Course';
import type { Outline } from '../src/protocol/Outline';
import type { Role } from '../src/protocol/Role';
import type { Seat } from '../src/protocol/Seat';
import { BLANK, factsOf, fill, held, isBefore, matching, nextPhase, phraseAt, textGroups } from '../src/state/outline';
import { snapshot } from './fixture';

const seat = (role: Role, name: string, id: string = role): Seat => ({ id, role, name, authority: '', microphone: true, present: true, inCharge: false });
const ALONE = [seat('presidingJudge', '周正'), seat('clerk', '孙丽'), seat('plaintiff', '王建国'), seat('plaintiffAgent', '陈晓明'), seat('defendant', '李志强')];
const PANEL = [...ALONE, seat('judge', '吴海燕'), seat('assessor', '郑文'), seat('thirdParty', '甲公司', 't1'), seat('thirdParty', '乙公司', 't2')];
/** Nobody is there for either side's first party; the third parties are. */
const DEFAULT = PANEL.map((s) => ({ ...s, present: s.role === 'thirdParty' }));
const info = snapshot().info;
const facts = (seats: Seat[]) => factsOf(info, seats, '2026-03-09');
const outline = (name: string): Outline => shipped(name);
const course = (phase: string | null, merged: string[] = []): Course => ({ ...snapshot().course, phase, merged });

describe('placeholders', () => {
  it('are filled from case and roster', () => {
    expect(fill('{案号}{案由}，第{次数}次，{公开}，{日期}', facts(ALONE), {})).toBe('（2026）清0102民初318号民间借贷纠纷，第一次，公开，2026年3月9日');
    expect(fill('原告{原告}，第三人{第三人}', facts(PANEL), {})).toBe('原告王建国，第三人甲公司、乙公司');
  });

  it('address a judge who sits alone as 审判员, and one with a panel as 审判长', () => {
    expect(fill('报告{称呼}：{审判组织}', facts(ALONE), {})).toBe('报告审判员：由审判员周正独任审理');
    expect(fill('报告{称呼}：{审判组织}', facts(PANEL), {})).toBe('报告审判长：由审判长周正、审判员吴海燕、人民陪审员郑文组成合议庭');
  });

  it('of a term take the outline’s own word', () => {
    expect(fill('请陈述{最后意见}', facts(ALONE), { 最后意见: '最后陈述意见' })).toBe('请陈述最后陈述意见');
  });

  it('that nothing fills leave a blank, and take their optional part with them', () => {
    expect(fill('传{证人}', facts(ALONE), {})).toBe(`传${BLANK}`);
    expect(fill('被告{被告}[及代理人{被告代理人}][，第三人{第三人}]到庭', facts(ALONE), {})).toBe('被告李志强到庭');
    expect(fill('被告{被告}[及代理人{被告代理人}][，第三人{第三人}]到庭', facts(PANEL), {})).toBe('被告李志强，第三人甲公司、乙公司到庭');
  });

  it('of every shipped outline are all filled: no brace or bracket reaches the record', () => {
    for (const name of NAMES) {
      const o = outline(name);
      const texts = [...o.texts, ...o.phases.flatMap((p) => p.texts)].map((x) => x.text);
      for (const text of [...texts, ...o.phases.flatMap((p) => [...p.utterances, ...p.checks])]) {
        for (const seats of [ALONE, PANEL]) expect(fill(text, facts(seats), o.terms), `${name}: ${text}`).not.toMatch(/[{}[\]]/);
      }
    }
  });
});

describe('the outline', () => {
  const o = outline('civil-ordinary');

  it('goes on after the phases held together, and ends after the last', () => {
    expect(nextPhase(o, course('issues'))?.id).toBe('evidence');
    expect(nextPhase(o, course('evidence', ['questions', 'debate']))?.id).toBe('finalViews');
    expect(nextPhase(o, course('debate', ['evidence']))?.id).toBe('finalViews');
    expect(nextPhase(o, course(null))?.id).toBe('preparation');
    expect(nextPhase(o, course('signing'))).toBeNull();
  });

  it('holds the current phase before those merged with it', () => {
    expect(held(o, course('debate', ['evidence'])).map((p) => p.id)).toEqual(['debate', 'evidence']);
    expect(held(o, course(null))).toEqual([]);
  });

  it('knows what comes before what', () => {
    expect(isBefore(o, 'preparation', 'opening')).toBe(true);
    expect(isBefore(o, null, 'opening')).toBe(true);
    expect(isBefore(o, 'debate', 'opening')).toBe(false);
  });
});

describe('standard texts', () => {
  const o = outline('civil-ordinary');
  const groups = (phase: string | null, merged: string[] = [], seats = DEFAULT) => textGroups(o, course(phase, merged), facts(seats));

  it('begin with those of the current phase, then those for any time, then all others', () => {
    const all = groups('evidence', ['debate']);
    expect(all.slice(0, 3).map((g) => g.phase?.id ?? null)).toEqual(['evidence', 'debate', null]);
    expect(all.map((g) => g.here).lastIndexOf(true)).toBe(1);
    const count = o.texts.length + o.phases.reduce((n, p) => n + p.texts.length, 0);
    for (const at of [null, ...o.phases.map((p) => p.id)]) expect(groups(at).flatMap((g) => g.texts)).toHaveLength(count);
  });

  it('about a party in default are there only while nobody stands for that party', () => {
    const titles = (seats: Seat[]) => groups('opening', [], seats).flatMap((g) => g.texts).map((s) => s.title);
    expect(titles(PANEL)).not.toContain('缺席审理');
    const without = (...gone: string[]) => PANEL.map((s) => ({ ...s, present: !gone.includes(s.id) }));
    expect(titles(without('defendant'))).toContain('缺席审理');
    expect(titles(without('plaintiff')), 'the agent is there').not.toContain('按撤诉处理');
    expect(titles(without('plaintiff', 'plaintiffAgent'))).toContain('按撤诉处理');
    expect(titles(PANEL.map((s) => ({ ...s, present: false }))), 'attendance has not been checked').not.toContain('缺席审理');
  });

  it('of attendance say who is there and who is not', () => {
    const absent = facts(PANEL.map((s) => ({ ...s, present: s.role !== 'defendant' })));
    expect(absent.到庭人员).toBe('原告王建国、原告委托诉讼代理人陈晓明、第三人甲公司、第三人乙公司');
    expect([absent.未到庭人员, absent.缺席被告]).toEqual(['被告李志强', '李志强']);
    expect(facts(PANEL).未到庭人员).toBe('');
  });

  it('are found by the first letters or the title, whatever the phase', () => {
    const found = (typed: string) => matching(groups('judgment'), typed).flatMap((g) => g.texts).map((s) => s.title);
    expect(found('ftjl')).toEqual(['法庭纪律']);
    expect(found('权利').length).toBeGreaterThan(1);
    expect(found('nothing')).toEqual([]);
  });
});

describe('the code of a standard text', () => {
  const simplified = outline('civil-simplified');
  const groups = textGroups(simplified, course(simplified.phases[0]?.id ?? null), facts(ALONE));

  it('is found right before the caret, whatever stands around it', () => {
    expect(phraseAt(groups, '审判员：jxkt，', 8)).toMatchObject({ phrase: { code: 'jxkt' }, from: 4 });
    expect(phraseAt(groups, 'JXKT', 4)).toMatchObject({ phrase: { code: 'jxkt' }, from: 0 });
  });

  it('is none in the middle of a word, after other text or with nothing typed', () => {
    expect(phraseAt(groups, 'jxkt', 3)).toBeNull();
    expect(phraseAt(groups, 'ajxkt', 5)).toBeNull();
    expect(phraseAt(groups, 'jxkt，', 5)).toBeNull();
    expect(phraseAt(groups, '', 0)).toBeNull();
  });
});
