import { describe, expect, it } from 'vitest';
import { sideNamed } from '../src/i18n/names';

describe('the name of a file', () => {
  it('tells whose it is by the party it speaks of first', () => {
    expect(sideNamed('原告证据三 借款合同.pdf')).toBe('plaintiff');
    expect(sideNamed('03-被告对原告证据的意见.docx')).toBe('defendant');
    expect(sideNamed('第三人陈述/原告来函.jpg')).toBe('thirdParty');
    expect(sideNamed('IMG_2041.png')).toBeNull();
  });
});
