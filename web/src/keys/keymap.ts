// Keys of the desks. Function keys first: letters, digits, Enter and Esc belong to the input method while it composes,
// and Ctrl combinations to the browser. No key of ours ever fires during a composition.

export type Act =
  | 'keys' | 'search' | 'backToScreens' | 'grant' | 'refuse' | 'tabs' | 'talk' | 'show' | 'lock'
  | 'pageBefore' | 'nextPage' | 'previousPage' | 'firstPage' | 'lastPage' | 'nextHit' | 'previousHit' | 'undoMark' | 'undoSpoken'
  | 'nextPhase' | 'outline' | 'recess' | 'curtain' | 'zoomIn' | 'zoomOut' | 'fitWidth' | 'fitPage' | 'rotate'
  | 'edit' | 'takeOver' | 'play' | 'playBack' | 'doubtful' | 'texts' | 'papers' | 'speaker' | 'nextSpeaker' | 'insert' | 'point'
  | 'compose' | 'giveTurn' | 'votes' | 'course' | 'previousDoubtful' | 'undoEdit' | 'slower' | 'faster' | 'review' | 'terms' | 'intake';

/** Which keys act where; a desk uses a part of them. */
export const DEFAULTS: Record<Act, string> = {
  keys: 'F1',
  search: 'F2',
  nextHit: 'F3',
  previousHit: 'Shift+F3',
  backToScreens: 'F4',
  nextPhase: 'Shift+F4',
  outline: 'Shift+F7',
  grant: 'F6',
  refuse: 'Shift+F6',
  tabs: 'F7',
  talk: 'F8',
  show: 'F9',
  recess: 'Shift+F9',
  curtain: 'Shift+F8',
  course: 'Shift+F10',
  lock: 'F10',
  pageBefore: 'Alt+ArrowLeft',
  nextPage: 'PageDown',
  previousPage: 'PageUp',
  firstPage: 'Shift+Home',
  lastPage: 'Shift+End',
  undoMark: 'Shift+F2',
  undoSpoken: 'Alt+Z',
  zoomIn: 'Alt+ArrowUp',
  zoomOut: 'Alt+ArrowDown',
  fitWidth: 'Alt+W',
  fitPage: 'Alt+P',
  rotate: 'Alt+R',
  edit: 'F2',
  takeOver: 'Shift+F2',
  play: 'F3',
  playBack: 'Shift+F3',
  doubtful: 'F4',
  previousDoubtful: 'Alt+ArrowUp',
  undoEdit: 'Alt+Z',
  slower: 'Alt+,',
  faster: 'Alt+.',
  review: 'Alt+Q',
  intake: 'Alt+J',
  terms: 'Shift+F9',
  texts: 'F7',
  papers: 'Shift+F8',
  speaker: 'F8',
  nextSpeaker: 'Alt+S',
  insert: 'Insert',
  point: 'F10',
  compose: 'F3',
  giveTurn: 'F6',
  votes: 'F8',
};

/** Acts that may be done while the caret stands in a field: none that the field itself could want. */
const FUNCTION_KEY = /^(?:(?:Shift|Alt|Ctrl)\+)*F\d+$/;

export interface KeyPress {
  key: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** Whether the input method has the keyboard. 229 is what browsers report for a key it has taken. */
export function composing(e: KeyPress): boolean {
  return e.isComposing || e.keyCode === 229;
}

/** `Shift+F9`, as bindings are written. */
export function named(e: KeyPress): string {
  const key = e.key.length === 1 ? e.key.toUpperCase() : e.key;
  const parts = [e.ctrlKey && 'Ctrl', e.altKey && 'Alt', e.metaKey && 'Meta', e.shiftKey && 'Shift', key];
  return parts.filter(Boolean).join('+');
}

/** Which act a press means among those a desk offers; null for none. `inField`: a text field has the caret. */
export function meant(
  e: KeyPress,
  offered: readonly Act[],
  changed: Record<string, string>,
  inField: boolean,
): Act | null {
  if (composing(e)) return null;
  const name = named(e);
  const act = offered.find((a) => binding(a, changed) === name);
  if (!act) return null;
  return inField && !FUNCTION_KEY.test(name) ? null : act;
}

export function binding(act: Act, changed: Record<string, string>): string {
  return changed[act] ?? DEFAULTS[act];
}

/** A binding as it is shown on a key cap. */
export function cap(name: string): string {
  return name
    .replace('Shift+', '⇧')
    .replace('PageDown', 'PgDn')
    .replace('PageUp', 'PgUp')
    .replace('ArrowUp', '↑')
    .replace('ArrowDown', '↓')
    .replace('ArrowLeft', '←')
    .replace('Insert', 'Ins');
}

export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // What cannot be written into, as what was written is on its way, wants no keys.
  if (target instanceof HTMLTextAreaElement) return !target.readOnly;
  if (target.isContentEditable || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'file'].includes(target.type);
}
