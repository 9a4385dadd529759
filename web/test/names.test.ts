import { describe, expect, it } from 'vitest';
import { sideNamed } from '../src/i18n/names';
import { numberOf } from '../src/state/numerals';

describe('the name of a file', () => {
  it('tells whose it is by the party it speaks of first', () => {
    expect(sideNamed('原告证据三 借款合同.pdf')).toBe('plaintiff');
    expect(sideNamed('03-被告对原告证据的意见.docx')).toBe('defendant');
    expect(sideNamed('第三人陈述/原告来函.jpg')).toBe('thirdParty');
    expect(sideNamed('IMG_2041.png')).toBeNull();
  });
});

describe('a number of evidence', () => {
  it('is read however it is typed', () => {
    for (const typed of ['6', '６', '六', '证据六', '第六号', ' 6 ']) expect(numberOf(typed), typed).toBe(6);
    expect(numberOf('二十一')).toBe(21);
    expect(numberOf(' ')).toBeNull();
    for (const typed of ['0', '六六', '收据', '证据', '6a', '12345']) expect(numberOf(typed), typed).toBeNaN();
  });
});
