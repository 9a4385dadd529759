// 证据三, 第十二页: numbers as the court writes them.

const DIGITS = '零一二三四五六七八九';

/** 1 to 99 in hanzi; other numbers in figures. */
export function hanzi(n: number): string {
  if (!Number.isInteger(n) || n < 1 || n > 99) return String(n);
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  const head = tens === 0 ? '' : tens === 1 ? '十' : `${DIGITS[tens]}十`;
  return head + (ones === 0 ? '' : DIGITS[ones]);
}
