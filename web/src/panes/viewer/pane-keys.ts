// Keys of the page pane while it has the keyboard. PageUp, PageDown and the function keys stay the desk's: the pedal sends them.

import { composing, type KeyPress, named } from '../../keys/keymap';
import { type MarkTool, TOOL_KEYS } from './tools';

export type PaneAct =
  | 'up' | 'down' | 'left' | 'right' | 'screenDown' | 'screenUp' | 'first' | 'last'
  | 'zoomIn' | 'zoomOut' | 'fitPage' | 'fitWidth' | 'natural' | 'rotate'
  | 'continuous' | 'thumbs' | 'marks' | 'compare' | 'swap' | 'otherHalf' | 'selectAll' | 'undo'
  | 'own' | MarkTool;

const KEYS: Record<string, PaneAct> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ' ': 'screenDown',
  'Shift+ ': 'screenUp',
  Home: 'first',
  End: 'last',
  '+': 'zoomIn',
  'Shift++': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  '0': 'fitPage',
  '9': 'fitWidth',
  '1': 'natural',
  R: 'rotate',
  C: 'continuous',
  T: 'thumbs',
  M: 'marks',
  B: 'compare',
  O: 'own',
  X: 'swap',
  Z: 'otherHalf',
  'Ctrl+A': 'selectAll',
  'Meta+A': 'selectAll',
  'Ctrl+Z': 'undo',
  'Meta+Z': 'undo',
  ...Object.fromEntries(Object.entries(TOOL_KEYS).map(([tool, key]) => [key, tool as MarkTool])),
};

/** What a press means to the pane; null where it is none of its keys. */
export function paneAct(e: KeyPress): PaneAct | null {
  return composing(e) ? null : (KEYS[named(e)] ?? null);
}
