// What is said in court, for specs and benches that need much of it.

import type { Said } from './recogniser';

const SEATS = ['judge', 'plaintiff', 'defendant', 'plaintiff', 'judge', 'defendant', 'clerk'] as const;
const SENTENCES: readonly ((n: number) => string)[] = [
  (n) => `下面由被告方对原告提交的证据${(n % 9) + 1}发表质证意见，请围绕真实性、合法性、关联性陈述。`,
  (n) => `2023年${(n % 12) + 1}月${(n % 28) + 1}日原告通过银行转账向被告支付${(n % 90) + 10}万元，双方签订了书面借款合同。`,
  () => '对证据三的真实性予以认可，但是不能证明原告主张的事实，该笔款项是双方之间的合伙投资款。',
  (n) => `按照合同第${(n % 20) + 1}条的约定，被告应当每日按照未还本金的万分之五支付违约金，至今没有支付。`,
  () => '被告，收条上签名的是不是你本人，当时王建国和陈晓明是否都在场？',
  () => '是我签的，但是当时并没有收到现金，后来也没有补给我，这一点赵敏可以作证。',
  () => '请书记员记录在案。',
];

/** The nth thing that is said, and by whom. Every fourth has a word the machine was unsure of. */
export function spoken(n: number): Pick<Said, 'seat' | 'text' | 'pieces'> {
  const text = SENTENCES[n % SENTENCES.length]?.(n) ?? '';
  const at = text.length >> 1;
  const sure = (text: string) => ({ text, confidence: 0.96 });
  const pieces = n % 4 === 0 ? [sure(text.slice(0, at)), { text: text.slice(at, at + 2), confidence: 0.5 }, sure(text.slice(at + 2))] : [sure(text)];
  return { seat: SEATS[n % SEATS.length] ?? 'judge', text, pieces };
}
