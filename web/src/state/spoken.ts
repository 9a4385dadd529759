// The desk's own acts by their spoken names, as the hub's grammar gives them.

export type DeskAct =
  | 'turn' | 'first' | 'last' | 'back' | 'nextHit' | 'previousHit' | 'zoomIn' | 'zoomOut' | 'fit' | 'rotate'
  | 'show' | 'hide' | 'lock' | 'unlock' | 'takeBack' | 'undo' | 'undoMark';

/** Spellings of the grammar, without regard to case, '-' and '_'. */
const NAMES: Record<string, [DeskAct, number]> = {
  turn: ['turn', 1],
  nextpage: ['turn', 1],
  next: ['turn', 1],
  forward: ['turn', 1],
  previouspage: ['turn', -1],
  prevpage: ['turn', -1],
  previous: ['turn', -1],
  backward: ['turn', -1],
  firstpage: ['first', 0],
  first: ['first', 0],
  lastpage: ['last', 0],
  last: ['last', 0],
  back: ['back', 0],
  nexthit: ['nextHit', 0],
  previoushit: ['previousHit', 0],
  zoomin: ['zoomIn', 0],
  zoomout: ['zoomOut', 0],
  fit: ['fit', 0],
  rotate: ['rotate', 0],
  show: ['show', 0],
  project: ['show', 0],
  hide: ['hide', 0],
  lock: ['lock', 0],
  unlock: ['unlock', 0],
  takeback: ['takeBack', 0],
  undo: ['undo', 0],
  undomark: ['undoMark', 0],
};

/** Does a spoken act of the desk; unknown ones are left alone. */
export function perform(name: string, amount: number, acts: Record<DeskAct, (amount: number) => void>): boolean {
  const known = NAMES[name.toLowerCase().replace(/[-_]/g, '')];
  if (!known) return false;
  const [act, sign] = known;
  acts[act](act === 'turn' ? sign * Math.max(1, Math.abs(amount)) * (amount < 0 && sign > 0 ? -1 : 1) : amount);
  return true;
}
