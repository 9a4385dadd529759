import { describe, expect, it } from 'vitest';
import { paneAct } from '../src/panes/viewer/pane-keys';
import type { CatalogueDoc } from '../src/protocol/CatalogueDoc';
import type { Mark } from '../src/protocol/Mark';
import type { Shape } from '../src/protocol/Shape';
import type { TextLine } from '../src/protocol/TextLine';
import type { View } from '../src/protocol/View';
import { pageWanted } from '../src/state/gotopage';
import type { Size } from '../src/state/geometry';
import { halvesOf, Looking } from '../src/state/looking.svelte';
import { arrowHead, markedDocs, placeOf, STAMP, stampBox, wordsOf } from '../src/state/marks';
import { type Drawer, isOwn, OwnMarks } from '../src/state/own-marks.svelte';
import { joinedPages, plainText, type Run, withoutFolio } from '../src/state/plaintext';
import { anchorAt, currentPage, leafOf, leavesWithin, rollOf, scrollTo, seenOf } from '../src/state/roll';
import { densityFor, fitPage, limited, NATURAL, percent, scaleFor, ZOOM_MAX } from '../src/state/zoom';

const A4: Size = [59_500, 84_200];
const BOX: Size = [824, 600];
const SPACE = { pad: 12, gap: 16 };
const pagesOf = (sizes: Size[]) => sizes.map((size, i) => ({ page: i + 1, size }));
const many = pagesOf(Array.from({ length: 1000 }, () => A4));
const width = (size: Size) => scaleFor('width', size, [800, 576]);

describe('pages one under another', () => {
  const roll = rollOf(many, 'none', width, BOX, SPACE);
  const tall = roll.leaves[0]?.height ?? 0;

  it('are as tall together as each by itself, with what lies between', () => {
    expect(roll.height).toBeCloseTo(1000 * tall + 999 * SPACE.gap + 2 * SPACE.pad, 3);
    expect(roll.width).toBe(BOX[0]);
    expect(leafOf(roll, 500)?.top).toBeCloseTo(SPACE.pad + 499 * (tall + SPACE.gap), 3);
  });

  it('are there only near what is seen', () => {
    const top = leafOf(roll, 500)?.top ?? 0;
    expect(leavesWithin(roll, top - 600, top + 1200).map((l) => l.page)).toEqual([499, 500, 501]);
    expect(leavesWithin(roll, 0, 10).map((l) => l.page)).toEqual([]);
    expect(leavesWithin(roll, 0, 600).map((l) => l.page)).toEqual([1]);
  });

  it('each lie in the middle and may differ in size', () => {
    const mixed = rollOf(pagesOf([A4, [84_200, 59_500], [20_000, 60_000]]), 'none', () => NATURAL, BOX, SPACE);
    for (const leaf of mixed.leaves) expect(leaf.left + leaf.width / 2).toBeCloseTo(mixed.width / 2, 3);
    expect(mixed.width).toBeCloseTo(84_200 * NATURAL + 24, 3);
  });

  it('lie turned as one turns them', () => {
    const turned = rollOf(pagesOf([A4]), 'quarter', () => NATURAL, BOX, SPACE);
    expect(turned.leaves[0]?.width).toBeCloseTo(84_200 * NATURAL, 3);
  });

  it('a small one is in the middle of the box', () => {
    const [leaf] = rollOf(pagesOf([[20_000, 20_000]]), 'none', () => NATURAL, BOX, SPACE).leaves;
    expect((leaf?.top ?? 0) + (leaf?.height ?? 0) / 2).toBeCloseTo(BOX[1] / 2, 3);
  });
});

describe('the page that is read', () => {
  const roll = rollOf(many, 'none', width, BOX, SPACE);
  const end = roll.height - BOX[1];

  it('is the one at the head of the box after going there', () => {
    for (const page of [1, 2, 500, 998]) expect(currentPage(roll, (leafOf(roll, page)?.top ?? 0) - SPACE.pad, BOX[1])).toBe(page);
  });

  it('is the first at the one end and the last at the other', () => {
    expect(currentPage(roll, 0, BOX[1])).toBe(1);
    expect(currentPage(roll, end, BOX[1])).toBe(1000);
  });

  it('never goes back while one scrolls on, and leaves none out', () => {
    const small = rollOf(many.slice(0, 9), 'none', (size) => fitPage(size, [800, 200]), BOX, SPACE);
    const range = small.height - BOX[1];
    const seen = Array.from({ length: 400 }, (_, i) => currentPage(small, (range * i) / 399, BOX[1]));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(9);
  });

  it('is the first of pages that all fit', () => {
    const few = rollOf(many.slice(0, 2), 'none', (size) => fitPage(size, [800, 200]), BOX, SPACE);
    expect(currentPage(few, 0, BOX[1])).toBe(1);
  });
});

describe('what is seen', () => {
  it('stays where it is while the pages grow', () => {
    const before = rollOf(many, 'none', () => NATURAL, BOX, SPACE);
    const after = rollOf(many, 'none', () => 2 * NATURAL, BOX, SPACE);
    const scroll = { x: 0, y: (leafOf(before, 300)?.top ?? 0) + 100 };
    const anchor = anchorAt(before, scroll, { x: 400, y: 300 });
    expect(anchor?.page).toBe(300);
    const next = anchor && scrollTo(after, anchor);
    expect(next && anchorAt(after, next, { x: 400, y: 300 })).toMatchObject({ page: 300, x: anchor?.x, y: anchor?.y });
  });

  it('is told as a part of the page, or as nothing where it is all of it', () => {
    const roll = rollOf(pagesOf([A4]), 'none', () => NATURAL, BOX, SPACE);
    const [leaf] = roll.leaves;
    expect(leaf && seenOf(leaf, { x: 0, y: 112 }, BOX)).toMatchObject({ x: 0, y: 100 / NATURAL, h: 600 / NATURAL });
    const small = rollOf(pagesOf([A4]), 'none', (size) => fitPage(size, [800, 576]), BOX, SPACE);
    expect(small.leaves[0] && seenOf(small.leaves[0], { x: 0, y: 0 }, BOX)).toBeNull();
  });
});

describe('zoom', () => {
  it('goes from the whole page to 400 per cent', () => {
    expect(percent(limited(9, A4, BOX))).toBe(400);
    expect(limited(0, A4, BOX)).toBe(fitPage(A4, BOX));
    expect(limited(NATURAL, A4, BOX)).toBe(NATURAL);
    // A page that fits larger than that does not go beyond either.
    expect(limited(0, [1_000, 1_000], BOX)).toBe(ZOOM_MAX);
  });

  it('counts 100 per cent as the physical size', () => {
    expect(7_200 * NATURAL).toBeCloseTo(96, 6);
  });

  it('asks for the density that looks sharp, and for no less than what one reads by', () => {
    expect(densityFor(NATURAL / 4, 1)).toBe(120);
    expect(densityFor(NATURAL, 1)).toBe(120);
    expect(densityFor(1.5 * NATURAL, 1)).toBe(240);
    expect(densityFor(NATURAL, 2)).toBe(240);
    expect(densityFor(ZOOM_MAX, 2)).toBe(240);
  });
});

describe('going to a page', () => {
  const doc = { pages: Array.from({ length: 18 }, () => A4), printed: [null, null, ...Array.from({ length: 14 }, (_, i) => i + 41), 3, 4] } satisfies Pick<CatalogueDoc, 'pages' | 'printed'>;
  it('takes figures as they come from the input method, and only pages there are', () => {
    expect(pageWanted(' 12 ', doc)).toBe(12);
    expect(pageWanted('１２', doc)).toBe(12);
    for (const none of ['', '0', '19', '1.5', 'x', '-3', '印1', 'p99']) expect(pageWanted(none, doc)).toBeNull();
  });

  it('takes the number that is printed on a page', () => {
    expect(pageWanted('3', doc)).toBe(3);
    for (const printed of ['印3', 'p3', 'P 3', '＃３']) expect(pageWanted(printed, doc)).toBe(17);
    expect(pageWanted('42', doc)).toBe(4);
  });
});

describe('copied words', () => {
  const row = (text: string, y: number, x = 0): TextLine => ({ text, boxes: [...text].map((_, i) => ({ x: x + i * 100, y, w: 100, h: 100 })) });
  const all = (lines: TextLine[]): Run[] => lines.map((line) => ({ line, from: 0, to: [...line.text].length }));

  it('have no line break inside a paragraph, and keep its end', () => {
    const lines = [row('原告与被告系多年朋友，', 0, 200), row('因业务往来相识，二零二四', 160), row('年借款。', 320), row('被告称需要垫付材料款。', 480, 200)];
    expect(plainText(all(lines), lines)).toBe('原告与被告系多年朋友，因业务往来相识，二零二四年借款。\n被告称需要垫付材料款。');
  });

  it('join Latin words by a space, and hyphens by nothing', () => {
    const lines = [row('see the annexed', 0), row('bank state-', 160), row('ment of March', 320)];
    const even = lines.map((l) => ({ ...l, boxes: l.boxes.map((b, i) => ({ ...b, x: (1500 * i) / l.boxes.length, w: 1500 / l.boxes.length })) }));
    expect(plainText(all(even), even)).toBe('see the annexed bank state-ment of March');
  });

  it('keep cells of a table apart', () => {
    const lines = [row('日期', 0), row('金额', 0, 900), row('余额', 0, 1800)];
    expect(plainText(all(lines), lines)).toBe('日期 金额 余额');
  });

  it('may begin and end within a line, beyond the basic plane too', () => {
    const lines = [row('𠮷祥支付违约金五万', 0), row('元整并承担诉讼费用', 160)];
    expect(plainText([{ line: lines[0] as TextLine, from: 1, to: 9 }, { line: lines[1] as TextLine, from: 0, to: 2 }], lines)).toBe('祥支付违约金五万元整');
  });

  it('leave the page number out where they go on over the page', () => {
    const runs = all([row('十二个', 0), row('— 1 —', 400)]);
    expect(withoutFolio(runs).map((r) => r.line.text)).toEqual(['十二个']);
    expect(withoutFolio(all([row('第 3 页 共 5 页', 0)]))).toEqual([]);
    expect(withoutFolio(all([row('共 5 万元', 0)])).length).toBe(1);
  });

  it('go on over the page unless a sentence ended there', () => {
    expect(joinedPages(['借款本金四', '', '十五万元。', '另查明'])).toBe('借款本金四十五万元。\n另查明');
  });
});

describe('two halves', () => {
  const at = (doc: string, page = 1) => ({ doc, page });
  const view = (doc: string): View => ({ number: 1, by: 'judge', at: 0, closed: false, page: at(doc), pageHash: '', rotation: 'none', viewport: null, highlights: [], beside: null });
  const docs = (l: Looking) => halvesOf(l.place).map(({ page }) => `${page.doc}/${page.page}`);

  it('begin with the document looked at before, and what is opened goes to the second', () => {
    const looking = new Looking(() => null);
    looking.open(at('a', 3));
    looking.open(at('b'));
    looking.compare();
    expect(docs(looking)).toEqual(['b/1', 'a/3']);
    looking.open(at('c', 2));
    expect(docs(looking)).toEqual(['b/1', 'c/2']);
    looking.activate(0);
    looking.open(at('d'));
    expect(docs(looking)).toEqual(['d/1', 'c/2']);
  });

  it('are laid out anew one by one', () => {
    const looking = new Looking(() => null);
    looking.open(at('a'));
    looking.compare();
    const before = looking.moved(0);
    looking.open(at('b'));
    expect(looking.moved(0)).toBe(before);
  });

  it('are private at first, though the first was on the screens', () => {
    const looking = new Looking(() => view('a'));
    expect(looking.live).toBe(true);
    looking.compare();
    expect(looking.live).toBe(false);
    looking.follow();
    expect(docs(looking)).toEqual(['a/1']);
  });

  it('scrolled on in one leave the other, and are nothing that was opened', () => {
    const looking = new Looking(() => null);
    looking.open(at('a'));
    looking.compare();
    const moves = looking.moves;
    looking.drift(0, { page: at('a', 5), rotation: 'none', viewport: null, highlights: [] });
    expect(docs(looking)).toEqual(['a/5', 'a/1']);
    expect(looking.moves).toBe(moves);
  });
});

describe('the list of marks', () => {
  const mark = (id: number, doc: string, page: number, shape: Shape): Mark => ({ id, page: { doc, page }, shape, by: 'judge', side: 'bench', at: id, undone: null, session: null, closed: false });
  const marks = [
    mark(4, 'b', 1, { kind: 'note', at: { x: 5, y: 6 }, text: '日期涂改' }),
    mark(2, 'a', 7, { kind: 'highlight', rects: [{ x: 1, y: 2, w: 3, h: 4 }], quote: '违约金' }),
    mark(3, 'a', 2, { kind: 'ink', points: [{ x: 1, y: 9 }, { x: 5, y: 2 }] }),
    { ...mark(1, 'a', 2, { kind: 'box', rect: { x: 0, y: 0, w: 1, h: 1 } }), undone: 8 },
  ];
  const docs = [{ doc: 'a' }, { doc: 'b' }, { doc: 'c' }] as CatalogueDoc[];

  it('goes by document, page and time, without what was taken back', () => {
    expect(markedDocs(marks, docs).map((d) => [d.doc.doc, d.pages.map((p) => [p.page, p.marks.map((m) => m.id)])])).toEqual([
      ['a', [[2, [3]], [7, [2]]]],
      ['b', [[1, [4]]]],
    ]);
  });

  it('knows their words and where they are', () => {
    expect(marks.map(wordsOf)).toEqual(['日期涂改', '违约金', '', '']);
    expect(marks[2] && placeOf(marks[2])).toEqual({ x: 1, y: 2, w: 4, h: 7 });
  });
});

describe('keys of the pane', () => {
  const press = (key: string, more = {}) => paneAct({ key, keyCode: 0, isComposing: false, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more });
  it('are its own', () => {
    expect(press('r')).toBe('rotate');
    expect(press('+', { shiftKey: true })).toBe('zoomIn');
    expect(press('a', { ctrlKey: true })).toBe('selectAll');
  });
  it('leave the pedal and the function keys to the desk, and copying to the browser', () => {
    for (const key of ['PageDown', 'PageUp', 'F9', 'Escape', 'Enter', 'Tab']) expect(press(key)).toBeNull();
    expect(press('c', { ctrlKey: true })).toBeNull();
  });
  it('never fire while an input method composes', () => {
    expect(press('r', { isComposing: true })).toBeNull();
    expect(press('r', { keyCode: 229 })).toBeNull();
  });
});

describe('an arrow', () => {
  it('has a head of one size behind its tip, and of a short one the half', () => {
    const tip = { x: 30_000, y: 10_000 };
    const [one, other] = arrowHead({ x: 10_000, y: 10_000 }, tip);
    expect(one.x).toBe(other.x);
    expect(one.x).toBeLessThan(tip.x);
    expect(one.y + other.y).toBe(2 * tip.y);
    const reach = (from: number) => {
      const [side] = arrowHead({ x: from, y: 10_000 }, tip);
      return Math.hypot(side.x - tip.x, side.y - tip.y);
    };
    expect(reach(10_000)).toBeCloseTo(1400, -1);
    expect(reach(29_000)).toBeCloseTo(500, -1);
  });
});

describe('a stamp', () => {
  it('lies around its place however the page is turned, and whole on the sheet', () => {
    const at = { x: 20_000, y: 60_000 };
    const middle = (rotation: 'none' | 'quarter' | 'half' | 'threeQuarter') => {
      const r = stampBox(at, '\u6709\u5f02\u8bae', A4, rotation);
      return [r.x + r.w / 2, r.y + r.h / 2];
    };
    expect(middle('none')).toEqual([20_000, 60_000]);
    expect(middle('quarter')).toEqual([24_200, 20_000]);
    expect(middle('half')).toEqual([39_500, 24_200]);
    expect(middle('threeQuarter')).toEqual([60_000, 39_500]);
    const corner = stampBox({ x: 0, y: 84_200 }, '\u6709\u5f02\u8bae', A4, 'none');
    expect([corner.x, corner.y + corner.h]).toEqual([0, 84_200]);
    expect(corner.h).toBe(STAMP * 1.6);
  });
});

describe('the keys of the tools', () => {
  const press = (key: string) => paneAct({ key, code: '', ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, isComposing: false, keyCode: 0 } as KeyboardEvent);
  it('take no key that the pane had', () => {
    expect(['y', 'w', 'a', 'h', 'i', 'f', 'n', 'p'].map(press)).toEqual(['disputed', 'undisputed', 'arrow', 'highlight', 'ink', 'box', 'note', 'pointer']);
    expect(['c', 't', 'm', 'b', 'x', 'z', 'r', '1', '9', '0'].map(press)).toEqual(['continuous', 'thumbs', 'marks', 'compare', 'swap', 'otherHalf', 'rotate', 'natural', 'fitWidth', 'fitPage']);
  });
});

describe('marks of this desk alone', () => {
  const drawerOf = (kept: Map<string, string>): Drawer => ({
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => void kept.set(name, text),
    removeItem: (name) => void kept.delete(name),
    key: (i) => [...kept.keys()][i] ?? null,
    get length() {
      return kept.size;
    },
  });
  const box = (y: number): Omit<Mark, 'id'> => ({
    page: { doc: 'd1', page: 1 }, shape: { kind: 'box', rect: { x: 0, y, w: 10, h: 10 } }, by: 'plaintiff', side: 'plaintiff', at: 5, undone: null, session: null, closed: false,
  });

  it('are there again after a reload, at their own hearing and seat alone', () => {
    const kept = new Map<string, string>();
    const first = new OwnMarks(drawerOf(kept));
    first.open('h1', 'plaintiff');
    first.add(box(1));
    first.add(box(2));
    first.remove(-1);
    const again = new OwnMarks(drawerOf(kept));
    again.open('h1', 'plaintiff');
    expect(again.marks.map((m) => [m.id, m.shape.kind === 'box' && m.shape.rect.y])).toEqual([[-2, 2]]);
    expect(again.marks.every(isOwn)).toBe(true);
    again.add(box(3));
    expect(again.marks.map((m) => m.id)).toEqual([-2, -3]);
    for (const [hearing, seat] of [['h1', 'defendant'], ['h2', 'plaintiff']] as const) {
      again.open(hearing, seat);
      expect(again.marks).toEqual([]);
    }
    again.open('h1', 'plaintiff');
    expect(again.marks).toHaveLength(2);
  });

  it('are thrown away when nobody has touched them for two months', () => {
    const kept = new Map<string, string>();
    let now = 1_000_000_000_000;
    const marks = new OwnMarks(drawerOf(kept), () => now);
    marks.open('h1', 'plaintiff');
    marks.add(box(1));
    now += 59 * 86_400_000;
    marks.open('h2', 'plaintiff');
    expect(kept.size).toBe(1);
    now += 2 * 86_400_000;
    marks.open('h3', 'plaintiff');
    expect(kept.size).toBe(0);
  });
});
