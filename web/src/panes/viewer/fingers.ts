// Fingers on the page. One scrolls, as the browser does it; two pinch and move. Over the glass of a mark tool the browser
// leaves all to us, and one finger moves the page only where a pen draws.

export interface Fingers {
  /** `x`, `y`: where between the fingers; `dx`, `dy`: how far that moved. */
  pinch(factor: number, x: number, y: number, dx: number, dy: number): void;
  /** One finger moved the page; `ours`: the browser does not scroll by it. */
  drag(dx: number, dy: number, ours: boolean): void;
  /** Whether one finger is ours to move the page with. */
  oneMoves(): boolean;
  /** Whether one finger draws instead. */
  oneDraws(): boolean;
}

interface Grip {
  x: number;
  y: number;
  apart: number;
}

function gripOf(touches: TouchList): Grip | null {
  const [a, b] = [touches[0], touches[1]];
  if (!a) return null;
  if (!b) return { x: a.clientX, y: a.clientY, apart: 0 };
  return { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2, apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) };
}

/** An action for the scroller. */
export function fingers(node: HTMLElement, given: Fingers) {
  let grip: Grip | null = null;
  let count = 0;
  /** A hand that rests on the glass while the pen writes is no gesture. */
  let penDown = false;

  function begin(e: TouchEvent): void {
    count = e.targetTouches.length;
    grip = penDown ? null : gripOf(e.targetTouches);
    if (count > 1 && !penDown && e.cancelable) e.preventDefault();
  }

  function move(e: TouchEvent): void {
    // A finger that selects words.
    if (e.defaultPrevented) return;
    const next = gripOf(e.targetTouches);
    if (!grip || !next || e.targetTouches.length !== count) {
      grip = penDown ? null : next;
      count = e.targetTouches.length;
      return;
    }
    const [dx, dy] = [next.x - grip.x, next.y - grip.y];
    if (count > 1) {
      if (e.cancelable) e.preventDefault();
      given.pinch(grip.apart > 0 && next.apart > 0 ? next.apart / grip.apart : 1, next.x, next.y, dx, dy);
    } else if (!given.oneDraws()) {
      if (given.oneMoves() && e.cancelable) e.preventDefault();
      given.drag(dx, dy, given.oneMoves());
    }
    grip = next;
  }

  const end = (e: TouchEvent): void => begin(e);
  const pressed = (e: PointerEvent): void => {
    if (e.pointerType === 'pen') penDown = true;
  };
  const lifted = (e: PointerEvent): void => {
    if (e.pointerType === 'pen') penDown = false;
  };

  node.addEventListener('touchstart', begin, { passive: false });
  node.addEventListener('touchmove', move, { passive: false });
  node.addEventListener('touchend', end, { passive: false });
  node.addEventListener('touchcancel', end, { passive: false });
  node.addEventListener('pointerdown', pressed, true);
  node.addEventListener('pointerup', lifted, true);
  node.addEventListener('pointercancel', lifted, true);
  return {
    destroy: () => {
      node.removeEventListener('touchstart', begin);
      node.removeEventListener('touchmove', move);
      node.removeEventListener('touchend', end);
      node.removeEventListener('touchcancel', end);
      node.removeEventListener('pointerdown', pressed, true);
      node.removeEventListener('pointerup', lifted, true);
      node.removeEventListener('pointercancel', lifted, true);
    },
  };
}
