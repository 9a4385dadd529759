// Selecting words on pages: the mouse is followed by the nearest letter, so that it may leave the lines; fingers and keys are
// the browser's. What is selected is read from the marked lines of the text layers.

import type { PageInfo } from '../../protocol/PageInfo';
import { joinedPages, plainText, type Run } from '../../state/plaintext';

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

/** An action for the scroller. */
export function selecting(node: HTMLElement, given: Selecting) {
  let start: Boundary | null = null;
  let at = { x: 0, y: 0 };
  let frame = 0;

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
    if (e.pointerType !== 'mouse' || e.button !== 0 || e.target === node || !given.may()) return;
    at = { x: e.clientX, y: e.clientY };
    const selection = getSelection();
    const here = given.near(at.x, at.y);
    const { anchorNode, anchorOffset } = selection ?? {};
    start = e.shiftKey && anchorNode && node.contains(anchorNode) ? { node: anchorNode, offset: anchorOffset ?? 0 } : here;
    if (e.shiftKey) extend();
    else selection?.removeAllRanges();
    if (!start) return;
    node.setPointerCapture(e.pointerId);
    frame = requestAnimationFrame(pull);
  }

  function move(e: PointerEvent): void {
    if (!start) return;
    at = { x: e.clientX, y: e.clientY };
    extend();
  }

  function up(): void {
    start = null;
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
  return {
    destroy: () => {
      up();
      node.removeEventListener('pointerdown', down);
      node.removeEventListener('pointermove', move);
      node.removeEventListener('pointerup', up);
      node.removeEventListener('pointercancel', up);
      node.removeEventListener('mousedown', mousedown);
    },
  };
}

const sheetOf = (node: Node | null): HTMLElement | null => (node instanceof Element ? node : node?.parentElement)?.closest<HTMLElement>('[data-testid=sheet]') ?? null;

/** What is selected within an element; null where nothing is. */
function rangeIn(within: HTMLElement): Range | null {
  const selection = getSelection();
  const range = selection && selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  return range && within.contains(range.commonAncestorContainer) ? range : null;
}

/** First and last page of what is selected within an element. */
export function pagesSelected(within: HTMLElement): [number, number] | null {
  const range = rangeIn(within);
  const [from, to] = [sheetOf(range?.startContainer ?? null), sheetOf(range?.endContainer ?? null)];
  return from && to ? [Number(from.dataset['page']), Number(to.dataset['page'])] : null;
}

/** The selected words within an element, clean; null where none are selected there. */
export function wordsSelected(within: HTMLElement, infoOf: (doc: string, page: number) => PageInfo | undefined): string | null {
  const range = rangeIn(within);
  if (!range) return null;
  const pages = [...within.querySelectorAll<HTMLElement>('[data-testid=sheet]')].filter((s) => range.intersectsNode(s));
  return joinedPages(
    pages.map((sheet) => {
      const lines = infoOf(sheet.dataset['doc'] ?? '', Number(sheet.dataset['page']))?.lines ?? [];
      const runs = [...sheet.querySelectorAll<SVGTextElement>('[data-line]')].flatMap((text): Run[] => {
        const line = lines[Number(text.dataset['line'])];
        if (!line || !range.intersectsNode(text)) return [];
        const units = (node: Node, offset: number, otherwise: number) => (text.contains(node) && node.nodeType === Node.TEXT_NODE ? offset : otherwise);
        const count = (unit: number) => [...line.text.slice(0, unit)].length;
        const from = count(units(range.startContainer, range.startOffset, 0));
        const to = count(units(range.endContainer, range.endOffset, line.text.length));
        return to > from ? [{ line, from, to }] : [];
      });
      return plainText(runs, lines);
    }),
  );
}

/** Selects all words of an element. */
export function selectAllIn(within: HTMLElement): void {
  const lines = [...within.querySelectorAll('[data-line]')];
  const [first, last] = [lines[0]?.firstChild, lines.at(-1)?.firstChild];
  if (first && last) getSelection()?.setBaseAndExtent(first, 0, last, last.textContent?.length ?? 0);
}
