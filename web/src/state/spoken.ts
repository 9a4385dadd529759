// The desk's own acts by their names in the hub's grammar.

export const DESK_ACTS = [
  'turn', 'first', 'last', 'back', 'nextHit', 'previousHit', 'zoomIn', 'zoomOut', 'fit', 'rotate', 'compare', 'endCompare',
  'show', 'hide', 'lock', 'unlock', 'takeBack', 'giveToPlaintiff', 'giveToDefendant', 'giveToThirdParty',
  'mark', 'undoMark', 'clearMarks', 'replayLast', 'undo',
] as const;
export type DeskAct = (typeof DESK_ACTS)[number];

/** Acts that wait for the key. */
export const PREFILLED = ['open', 'recess', 'resume', 'judgment', 'close'] as const;
export type Prefilled = (typeof PREFILLED)[number];

export function isDeskAct(name: string): name is DeskAct {
  return (DESK_ACTS as readonly string[]).includes(name);
}

export function isPrefilled(name: string): name is Prefilled {
  return (PREFILLED as readonly string[]).includes(name);
}
