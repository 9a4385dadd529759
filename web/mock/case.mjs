// The sample case as the mock serves it: fictional, written for this project.

const A4 = [59_528, 84_189];

function doc(id, side, heading, title, pages, evidenceNumber = null) {
  return { doc: id, side, heading, title, evidenceNumber, pages: Array.from({ length: pages }, () => A4), pagesReady: pages, printed: [], problems: [], accepted: [], turns: [], headingSure: null, leaves: [] };
}

export const docs = [
  doc('complaint', 'bench', '起诉状', '民事起诉状', 3),
  doc('defence', 'bench', '答辩状', '民事答辩状', 2),
  doc('identity', 'bench', '身份证明/授权委托', '授权委托书', 4),
  doc('service', 'bench', '送达回证', '送达回证', 2),
  doc('meeting', 'bench', '庭前会议笔录', '庭前会议笔录', 4),
  doc('p-list', 'plaintiff', '原告证据', '证据目录', 1),
  doc('p-contract', 'plaintiff', '原告证据', '借款合同', 4, 1),
  doc('p-transfer', 'plaintiff', '原告证据', '转账凭证', 1, 2),
  doc('p-statement', 'plaintiff', '原告证据', '银行流水', 18, 3),
  doc('p-chat', 'plaintiff', '原告证据', '微信聊天记录', 6, 4),
  doc('p-demand', 'plaintiff', '原告证据', '催款函及快递回执', 3, 5),
  doc('d-list', 'defendant', '被告证据', '证据目录', 1),
  doc('d-repaid', 'defendant', '被告证据', '还款凭证', 1, 1),
  doc('d-receipt', 'defendant', '被告证据', '现金收条', 1, 2),
  doc('d-chat', 'defendant', '被告证据', '微信聊天记录（被告提交）', 5, 3),
];
docs.find((d) => d.doc === 'd-chat').pagesReady = 3;
docs.find((d) => d.doc === 'd-receipt').problems = [{ is: 'unclear', page: 1 }];

const TEXTS = {
  'p-contract/1': ['借 款 合 同', '', '出借人（甲方）：王建国', '借款人（乙方）：李志强', '', '甲乙双方经协商一致，就借款事宜订立本合同，共同遵守。', '第一条　借款金额　甲方向乙方出借人民币五十万元整（¥500,000.00）。', '第二条　借款用途　乙方将借款用于经营周转。', '第三条　借款期限　自2024年3月5日起至2025年3月4日止，共十二个月。', '第四条　利率　年利率百分之十，按季付息。', '第五条　交付方式　甲方于本合同签订当日将借款转入乙方账户。'],
  'p-contract/2': ['第六条　还款方式　乙方可以提前归还全部或者部分借款，提前归还的', '部分自归还之日起停止计息。', '', '第七条　违约责任', '乙方逾期还款的，自逾期之日起，每日按未还本金的万分之五向甲方支', '付违约金，直至清偿之日止。乙方同时应当承担甲方为实现债权支出的', '律师费、诉讼费、保全费等费用。', '', '第八条　争议解决　因本合同发生的争议，由合同签订地人民法院管辖。', '第九条　本合同一式两份，双方各执一份，自双方签字之日起生效。'],
  'p-statement/2': ['客户交易明细', '户名：王建国　账号：6217 **** **** 3182', '', '日期　　　　摘要　　　　收入　　　　支出　　　　余额', '2024-03-05　转账支出　　　　　　　500,000.00　　38,215.60', '2024-03-21　利息　　　　　12.40　　　　　　　　　38,228.00', '2024-06-20　转账收入　12,500.00　　　　　　　　50,728.00', '2024-09-10　转账收入　50,000.00　　　　　　　100,728.00', '2024-09-21　利息　　　　　18.75　　　　　　　　100,746.75'],
  'complaint/2': ['诉讼请求：', '一、判令被告归还借款本金四十五万元；', '二、判令被告按年利率百分之十支付利息；', '三、判令被告按合同约定支付违约金；', '四、本案诉讼费由被告承担。'],
};

function textOf(id, page) {
  const d = docs.find((x) => x.doc === id);
  const body = TEXTS[`${id}/${page}`] ?? [
    `${d.title}`, '', `第${page}页`, '', '（示例材料，仅用于界面演示）',
    '本页载明双方就借款、还款以及相关费用往来的情况，供法庭调查时核对。',
    '当事人应当对自己提出的主张，有责任提供证据。',
  ];
  return body;
}

const LEFT = 7_200;
const TOP = 8_600;
const GLYPH = 1_250;
const STEP = 2_600;

export function lines(id, page) {
  return textOf(id, page).flatMap((text, i) => {
    if (!text) return [];
    const chars = [...text];
    const big = i === 0 && chars.length < 16;
    const w = big ? 2_200 : GLYPH;
    const x0 = big ? (A4[0] - chars.length * w) / 2 : LEFT;
    return [{ text, boxes: chars.map((_, k) => ({ x: Math.round(x0 + k * w), y: TOP + i * STEP, w, h: w })) }];
  });
}

export function image(id, page) {
  const d = docs.find((x) => x.doc === id);
  const [w, h] = A4;
  const rows = lines(id, page).map((l) => `<text x="${l.boxes.map((b) => b.x).join(' ')}" y="${l.boxes[0].y + l.boxes[0].h * 0.86}" font-size="${l.boxes[0].h}">${l.text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</text>`);
  const stamp = id === 'p-contract' && page === 2 ? `<g fill="none" stroke="#c0392b" stroke-width="220" opacity=".75"><circle cx="44000" cy="52000" r="5200"/><text x="40800" y="52800" font-size="2200" fill="#c0392b" stroke="none">合同专用</text></g>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="992" height="1403"><rect width="${w}" height="${h}" fill="#fffefb"/><g font-family="Noto Serif CJK SC, serif" fill="#20201e">${rows.join('')}<text x="${w / 2}" y="${h - 4000}" font-size="1050" text-anchor="middle">${d.title} — ${page}/${d.pages.length}</text></g>${stamp}</svg>`;
}

export function find(query) {
  const hits = [];
  for (const d of docs) {
    d.pages.forEach((_, i) => {
      const page = i + 1;
      const rects = [];
      let snippet = '';
      let matched = [];
      for (const l of lines(d.doc, page)) {
        const at = l.text.indexOf(query);
        if (at < 0) continue;
        const chars = [...l.text];
        const first = l.boxes[at];
        const last = l.boxes[at + [...query].length - 1];
        rects.push({ x: first.x, y: first.y, w: last.x + last.w - first.x, h: first.h });
        if (!snippet) {
          const from = Math.max(0, at - 14);
          snippet = chars.slice(from, at + 30).join('');
          matched = [[at - from, at - from + [...query].length]];
        }
      }
      if (rects.length > 0) {
        const title = d.evidenceNumber ? `证据${'一二三四五'[d.evidenceNumber - 1]} ${d.title}` : d.title;
        hits.push({ page: { doc: d.doc, page }, title, place: `${d.heading} › ${title}`, snippet, matched, rects, bySound: false });
      }
    });
  }
  hits.sort((a, b) => Number(b.page.doc === 'p-contract') - Number(a.page.doc === 'p-contract'));
  if (query === '伟约金') return find('违约金').map((h) => ({ ...h, bySound: true }));
  return hits.slice(0, 10);
}

export const seats = [
  ['assessor-a', 'judge', '吴海燕', '', false], ['assessor-b', 'judge', '郑文', '', false], ['clerk', 'clerk', '孙丽', '', true],
  ['defendant', 'defendantAgent', '赵敏', '一般授权', true], ['defendant-self', 'defendant', '李志强', '', false],
  ['judge', 'presidingJudge', '周正', '', true], ['plaintiff', 'plaintiffAgent', '陈晓明', '特别授权', true],
  ['plaintiff-self', 'plaintiff', '王建国', '', false], ['public', 'public', '', '', false],
].map(([id, role, name, authority, microphone]) => ({ id, role, name, authority, microphone, present: role !== 'public' && id !== 'defendant-self' }));

export const spoken = [
  ['judge', '松江市清源区人民法院，现在开庭。'],
  ['judge', '今天公开审理原告王建国与被告李志强民间借贷纠纷一案。下面核对当事人，请原告方说明姓名和代理权限。'],
  ['plaintiff', '我是原告的委托代理人陈晓明，代理权限为特别授权。'],
  ['defendant', '我是被告的委托诉讼代理人赵敏，代理权限是一般授权。'],
  ['judge', '双方对对方出庭人员有无异议？'],
  ['plaintiff', '原告方没有异议。'],
  ['defendant', '被告方也没有异议。'],
  ['judge', '现在进行法庭调查，先由原告陈述诉讼请求和事实理由。'],
  ['plaintiff', '请求判令被告归还借款本金四十五万元，并支付利息和违约金。'],
  ['plaintiff', '二零二四年三月五日，双方签订借款合同，约定借款五十万元，期限十二个月。合同签订当天，原告就把五十万元转到了被告的银行账户。'],
  ['defendant', '借款是事实，但是我方一共偿还了八万元，其中三万元是现金。合同约定的违约金过高，请求法院依法予以调减。'],
  ['judge', '现在由原告举证，请说明证据的名称、来源和证明目的。'],
  ['plaintiff', '证据一是借款合同原件，证明双方存在借款关系，约定按日万分之五计算违约金。'],
  ['defendant', '对证据一的真实性、合法性和关联性都认可，但不认可证明目的。'],
  ['plaintiff', '证据三是银行流水，第二页可以看到，被告只还过一笔五万元。'],
];

export function evidence(at) {
  const item = (id, side, number, name, document, purpose, shown = null) => ({ id, shown, originalChecked: number === 1, opinions: [], side, number, name, source: '', purpose, doc: document, group: '', carried: null, closed: false });
  const op = (side, aspect, stance, reason = '') => ({ side, aspect, stance, reason, line: null, by: 'judge', at, session: null });
  const all = [
    item(1, 'plaintiff', 1, '借款合同', 'p-contract', '双方存在借款关系及违约金约定', at),
    item(2, 'plaintiff', 2, '转账凭证', 'p-transfer', '原告已交付借款五十万元'),
    item(3, 'plaintiff', 3, '银行流水', 'p-statement', '被告仅归还五万元', at),
    item(4, 'plaintiff', 4, '微信聊天记录', 'p-chat', ''),
    item(5, 'plaintiff', 5, '催款函及快递回执', 'p-demand', ''),
    item(6, 'defendant', 1, '还款凭证', 'd-repaid', ''),
    item(7, 'defendant', 2, '现金收条', 'd-receipt', '被告现金还款三万元'),
    item(8, 'defendant', 3, '微信聊天记录（被告提交）', 'd-chat', ''),
  ];
  all[0].opinions = [op('defendant', 'authenticity', 'undisputed'), op('defendant', 'legality', 'undisputed'), op('defendant', 'relevance', 'undisputed'), op('defendant', 'purpose', 'disputed', '违约金约定过高')];
  all[2].opinions = [op('defendant', 'authenticity', 'undisputed'), op('defendant', 'relevance', 'disputed', '不能反映现金还款')];
  return all;
}
