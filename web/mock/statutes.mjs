// A few invented articles, to look at the pane: nothing here is law.

import { createHash } from 'node:crypto';

const LAWS = [
  { law: 'a1b2c3d4e5f6', name: '灯塔法', versions: [
    { version: '2010-05-01', effective: null, articles: { 1: '灯塔归海。', 2: '守灯人每夜点灯。' } },
    { version: '2025-05-01', effective: null, articles: {
      1: '为了保障夜间航行安全，明确守灯人的权利义务，制定本法。',
      2: '守灯人每夜点灯；逾期点灯的，应当按照约定支付违约金。\n约定的违约金过分高于造成的损失的，可以请求适当减少。',
      '2-1': '雾天应当鸣钟，鸣钟不替代点灯。',
      3: '守灯人可以委托下列人员代为点灯：\n（一）近亲属；\n（二）经船长同意的船员。',
    } },
  ] },
  { law: 'b2c3d4e5f6a1', name: '最高人民法院关于审理搁浅纠纷案件适用法律若干问题的规定', versions: [
    { version: '2026-11-01', effective: '2027-01-01', articles: { 25: '搁浅船舶应当自搁浅之日起点灯示警。\n信号分昼夜两种，由船长决定。', 26: '本规定自2027年1月1日起施行。' } },
  ] },
];

const CHAPTER = ['第一章 总则'];

const label = (number) => {
  const numerals = { 1: '第一条', 2: '第二条', '2-1': '第二条之一', 3: '第三条', 25: '第二十五条', 26: '第二十六条' };
  return numerals[number];
};

const sorted = (articles) => Object.keys(articles).sort((a, b) => Number(a.replace('-', '.')) - Number(b.replace('-', '.')));

function article(law, v, number) {
  const text = v.articles[number];
  return { law: law.law, name: law.name, version: v.version, effective: v.effective, number, label: label(number), path: CHAPTER, text, digest: createHash('sha256').update(text).digest('hex') };
}

export function statutes(query, date) {
  const hits = [];
  for (const law of LAWS) {
    const v = law.versions.filter((x) => x.version <= date).at(-1);
    for (const number of v ? sorted(v.articles) : []) {
      const at = v.articles[number].indexOf(query);
      if (at >= 0) hits.push({ article: article(law, v, number), matched: [[at, at + query.length]], bySound: hits.length === 2 });
    }
  }
  return { query, date, hits, laws: LAWS.length, tookUs: 380 };
}

export function statute(id, version, number) {
  const law = LAWS.find((l) => l.law === id);
  const v = law?.versions.find((x) => x.version === version);
  if (!v?.articles[number]) return null;
  const numbers = sorted(v.articles);
  const at = numbers.indexOf(number);
  const shown = (list) => list.map((n) => article(law, v, n));
  return { article: article(law, v, number), before: shown(numbers.slice(Math.max(0, at - 2), at)), after: shown(numbers.slice(at + 1, at + 3)), versions: law.versions.map((x) => x.version) };
}
