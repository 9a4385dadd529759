// A long scanned document for benches: a PDF of pictures, one a page, with the words of each page beneath its picture, as scanners with
// text recognition write it. Every page has a phrase of its own.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Page } from '@playwright/test';

const [WIDTH, HEIGHT] = [595, 842];
/** Of the pictures. */
const DPI = 120;
const LINES = 30;
const CHARS = 32;
const SIZE = 13;
const LEADING = 24;
const [LEFT, TOP] = [72, 72];

const HANZI = [...'甲方乙借款利息本金偿还合同约定期限逾违责任转账凭证银行流水收据欠条签名日期金额人民币元整证明对账单附件清单页码编号交付履行催告通知送达'];

/** Always the same sequence. */
function* dice(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** The lines of page `n`; the first holds its phrase. */
function linesOf(n: number): string[] {
  const rolls = dice(n);
  const char = () => HANZI[Math.floor(rolls.next().value * HANZI.length)] ?? '';
  return Array.from({ length: LINES }, () => Array.from({ length: CHARS }, char).join(''));
}

/** Words that stand on page `n`: eight characters in a row. */
export function phraseOf(n: number): string {
  return linesOf(n)[4]?.slice(6, 14) ?? '';
}

/** The picture of a page, drawn by the browser: grain and all. */
async function picture(page: Page, lines: string[], seed: number): Promise<Buffer> {
  const base64 = await page.evaluate(
    async ([lines, seed, [w, h, scale, size, left, top, leading]]) => {
      const canvas = new OffscreenCanvas(Math.round(w * scale), Math.round(h * scale));
      const pen = canvas.getContext('2d');
      if (!pen) throw new Error('there is no canvas');
      pen.fillStyle = '#f4f2ec';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = '#222';
      pen.font = `${size * scale}px "Noto Serif CJK SC", "Noto Sans CJK SC", serif`;
      lines.forEach((line, i) => [...line].forEach((c, k) => pen.fillText(c, (left + k * size) * scale, (top + i * leading) * scale)));
      let state = seed;
      const image = pen.getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < image.data.length; i += 4) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        const grain = (state >>> 29) - 4;
        for (const k of [0, 1, 2]) image.data[i + k] = (image.data[i + k] ?? 0) + grain;
      }
      pen.putImageData(image, 0, 0);
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.6 })).arrayBuffer());
      let text = '';
      for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
      return btoa(text);
    },
    [lines, seed, [WIDTH, HEIGHT, DPI / 72, SIZE, LEFT, TOP, LEADING]] as const,
  );
  return Buffer.from(base64, 'base64');
}

/** Writes a scan of `pages` pages. */
export async function writeScan(browserPage: Page, path: string, pages: number): Promise<void> {
  const file = openSync(path, 'w');
  const places: number[] = [];
  let at = 0;
  const put = (bytes: Buffer | string) => {
    const written = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    writeSync(file, written);
    at += written.length;
  };
  const object = (number: number, head: string, stream?: Buffer) => {
    places[number] = at;
    put(`${number} 0 obj\n${head}\n`);
    if (stream) {
      put('stream\n');
      put(stream);
      put('\nendstream\n');
    }
    put('endobj\n');
  };
  put('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n');
  const [w, h] = [Math.round((WIDTH * DPI) / 72), Math.round((HEIGHT * DPI) / 72)];
  // Objects: 1 catalogue, 2 pages, 3–5 the font, then page, picture and contents of each page.
  const first = (n: number) => 6 + 3 * (n - 1);
  for (let n = 1; n <= pages; n += 1) {
    const lines = linesOf(n);
    const jpeg = await picture(browserPage, lines, n);
    const [page, image, contents] = [first(n), first(n) + 1, first(n) + 2];
    object(page, `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${WIDTH} ${HEIGHT}]/Resources<</Font<</F 3 0 R>>/XObject<</I ${image} 0 R>>>>/Contents ${contents} 0 R>>`);
    object(image, `<</Type/XObject/Subtype/Image/Width ${w}/Height ${h}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length ${jpeg.length}>>`, jpeg);
    const utf16 = (text: string) => [...text].map((c) => c.charCodeAt(0).toString(16).padStart(4, '0')).join('');
    const words = lines.map((line, i) => `1 0 0 1 ${LEFT} ${HEIGHT - TOP - i * LEADING} Tm <${utf16(line)}> Tj`).join('\n');
    const drawn = Buffer.from(`BT /F ${SIZE} Tf 3 Tr\n${words}\nET\nq ${WIDTH} 0 0 ${HEIGHT} 0 0 cm /I Do Q\n`, 'latin1');
    object(contents, `<</Length ${drawn.length}>>`, drawn);
  }
  object(3, '<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[4 0 R]>>');
  object(4, '<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/DW 1000/FontDescriptor 5 0 R>>');
  object(5, '<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>');
  object(2, `<</Type/Pages/Count ${pages}/Kids[${Array.from({ length: pages }, (_, i) => `${first(i + 1)} 0 R`).join(' ')}]>>`);
  object(1, '<</Type/Catalog/Pages 2 0 R>>');
  const start = at;
  const rows = Array.from({ length: places.length - 1 }, (_, i) => `${String(places[i + 1] ?? 0).padStart(10, '0')} 00000 n \n`);
  put(`xref\n0 ${places.length}\n0000000000 65535 f \n${rows.join('')}trailer\n<</Size ${places.length}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`);
  closeSync(file);
}
