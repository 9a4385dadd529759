// Selecting words on pages: the mouse is followed by the nearest letter, so that it may leave the lines; fingers and keys are
// the browser's. What is selected is read from the marked lines of the text layers.

import type { TextLine } from '../../protocol/TextLine';
import { joinedPages, plainText, type Run, withoutFolio } from '../../state/plaintext';

/** A place between two letters, as the browser's selection has it. */
export interface Boundary {
  node: Node;
  offset: number;
}

export interface Selecting {
  /** The place nearest to a point of the window; null where no page has text. */
  near(x: number, y: number): Boundary | null;
  /** Whether the mouse selects now. */
  may(): boolean;
}

/** So long a finger rests on a word to select it, and moves no further than that. */
const PRESS_MS = 450;
const STILL_PX = 8;
/** A mouse that was moved so far draws a selection. */
const DRAWN_PX = 3;

/** An action for the scroller. */
export function selecting(node: HTMLElement, given: Selecting) {
  let start: Boundary | null = null;
  let at = { x: 0, y: 0 };
  let from = at;
  let frame = 0;
  let pressing: ReturnType<typeof setTimeout> | undefined;
  /** A finger selects: the page does not scroll under it. */
  let byFinger = false;

  function extend(): void {
    const end = start && given.near(at.x, at.y);
    if (start && end) getSelection()?.setBaseAndExtent(start.node, start.offset, end.node, end.offset);
  }

  /** A mouse beyond the edge brings more to it. */
  function pull(): void {
    if (!start) return;
    const box = node.getBoundingClientRect();
    const beyond = at.y < box.top ? at.y - box.top : Math.max(0, at.y - box.bottom);
    if (beyond !== 0) {
      node.scrollBy(0, beyond / 4);
      extend();
    }
    frame = requestAnimationFrame(pull);
  }

  function down(e: PointerEvent): void {
    clearTimeout(pressing);
    if (e.pointerType === 'touch') return press(e);
    if (e.pointerType !== 'mouse' || e.button !== 0 || e.target === node || !given.may()) return;
    at = { x: e.clientX, y: e.clientY };
    const selection = getSelection();
    const here = given.near(at.x, at.y);
    const { anchorNode, anchorOffset } = selection ?? {};
    start = e.shiftKey && anchorNode && node.contains(anchorNode) ? { node: anchorNode, offset: anchorOffset ?? 0 } : here;
    if (e.shiftKey) extend();
    else selection?.removeAllRanges();
    if (!start) return;
    from = at;
    frame = requestAnimationFrame(pull);
  }

  function press(e: PointerEvent): void {
    byFinger = false;
    if (!e.isPrimary || !given.may() || e.target === node) return;
    at = { x: e.clientX, y: e.clientY };
    pressing = setTimeout(() => {
      const here = given.near(at.x, at.y);
      if (!here) return;
      const [from, to] = wordAround(here.node.textContent ?? '', here.offset);
      start = { node: here.node, offset: from };
      byFinger = true;
      getSelection()?.setBaseAndExtent(here.node, from, here.node, to);
    }, PRESS_MS);
  }

  function touchmove(e: TouchEvent): void {
    if (byFinger && e.cancelable) e.preventDefault();
  }

  function move(e: PointerEvent): void {
    if (!start) {
      if (Math.hypot(e.clientX - at.x, e.clientY - at.y) > STILL_PX) clearTimeout(pressing);
      return;
    }
    if (byFinger && Math.hypot(e.clientX - at.x, e.clientY - at.y) < STILL_PX) return;
    at = { x: e.clientX, y: e.clientY };
    // Not before it is drawn: a click on a link is the link's.
    if (e.pointerType === 'mouse' && Math.hypot(at.x - from.x, at.y - from.y) > DRAWN_PX) node.setPointerCapture(e.pointerId);
    extend();
  }

  function up(): void {
    clearTimeout(pressing);
    start = null;
    byFinger = false;
    cancelAnimationFrame(frame);
  }

  /** The browser would begin a selection of its own. */
  function mousedown(e: MouseEvent): void {
    if (e.button !== 0 || e.target === node || !given.may() || (e.target as Element).closest('input, button')) return;
    e.preventDefault();
    node.focus({ preventScroll: true });
  }

  node.addEventListener('pointerdown', down);
  node.addEventListener('pointermove', move);
  node.addEventListener('pointerup', up);
  node.addEventListener('pointercancel', up);
  node.addEventListener('mousedown', mousedown);
  node.addEventListener('touchmove', touchmove, { passive: false });
  return {
    destroy: () => {
      up();
      node.removeEventListener('pointerdown', down);
      node.removeEventListener('pointermove', move);
      node.removeEventListener('pointerup', up);
      node.removeEventListener('pointercancel', up);
      node.removeEventListener('mousedown', mousedown);
      node.removeEventListener('touchmove', touchmove);
    },
  };
}

/** The word at a place of a text, in UTF-16 units. */
function wordAround(text: string, at: number): [number, number] {
  const words = new Intl.Segmenter('zh', { granularity: 'word' }).segment(text);
  const word = words.containing(Math.min(at, text.length - 1));
  return word ? [word.index, word.index + word.segment.length] : [at, at];
}

/** What is selected within an element; null where nothing is. */
export function rangeIn(within: HTMLElement): Range | null {
  const selection = getSelection();
  const range = selection && selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  return range && within.contains(range.commonAncestorContainer) ? range : null;
}

export interface Selected {
  page: number;
  runs: Run[];
  lines: readonly TextLine[];
}

type LinesOf = (doc: string, page: number) => readonly TextLine[] | undefined;

/** What is selected on the sheets within an element, page by page. */
export function selectedIn(within: HTMLElement, linesOf: LinesOf): Selected[] {
  const range = rangeIn(within);
  if (!range) return [];
  const sheets = [...within.querySelectorAll<HTMLElement>('[data-testid=sheet]')].filter((s) => range.intersectsNode(s));
  return sheets.map((sheet) => {
    const page = Number(sheet.dataset['page']);
    const lines = linesOf(sheet.dataset['doc'] ?? '', page) ?? [];
    const runs = [...sheet.querySelectorAll<SVGTextElement>('[data-line]')].flatMap((text): Run[] => {
      const line = lines[Number(text.dataset['line'])];
      if (!line || !range.intersectsNode(text)) return [];
      const units = (node: Node, offset: number, otherwise: number) => (text.contains(node) && node.nodeType === Node.TEXT_NODE ? offset : otherwise);
      const count = (unit: number) => [...line.text.slice(0, unit)].length;
      const from = count(units(range.startContainer, range.startOffset, 0));
      const to = count(units(range.endContainer, range.endOffset, line.text.length));
      return to > from ? [{ line, from, to }] : [];
    });
    return { page, runs, lines };
  });
}

/** The selected words within an element, clean; empty where none are selected there. */
export function wordsSelected(within: HTMLElement, linesOf: LinesOf): string {
  const pages = selectedIn(within, linesOf);
  return joinedPages(pages.map(({ runs, lines }, i) => plainText(i < pages.length - 1 ? withoutFolio(runs) : runs, lines)));
}

/** Selects all words of an element. */
export function selectAllIn(within: HTMLElement): void {
  const lines = [...within.querySelectorAll('[data-line]')];
  const [first, last] = [lines[0]?.firstChild, lines.at(-1)?.firstChild];
  if (first && last) getSelection()?.setBaseAndExtent(first, 0, last, last.textContent?.length ?? 0);
}
