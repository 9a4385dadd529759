// 证据三, 第十二页: numbers as the court writes them.

const DIGITS = '零一二三四五六七八九';

/** 1 to 99 in hanzi; other numbers in figures. */
export function hanzi(n: number): string {
  if (!Number.isInteger(n) || n < 1 || n > 99) return String(n);
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  const head = tens === 0 ? '' : tens === 1 ? '十' : `${DIGITS[tens]}十`;
  return head + (ones === 0 ? '' : DIGITS[ones]);
}

/** A number as it is typed: 6, ６, 六, 证据六, 第六号; null where nothing is, NaN where it is no number from 1 to 9999. */
export function numberOf(typed: string): number | null {
  const bare = typed.normalize('NFKC').replace(/[\s证据材料第号份项]/gu, '');
  if (bare === '') return typed.trim() === '' ? null : NaN;
  if (/^[1-9]\d{0,3}$/.test(bare)) return Number(bare);
  for (let n = 1; n < 100; n += 1) if (hanzi(n) === bare) return n;
  return NaN;
}
