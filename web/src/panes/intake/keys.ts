// Keys of 整理卷宗. They act while no field has the caret, but for those with Ctrl; none during a composition.

import { t } from '../../i18n';
import { composing, isField, type KeyPress, named } from '../../keys/keymap';

export type IntakeAct =
  | 'undo' | 'save' | 'split' | 'join' | 'drop' | 'replace' | 'left' | 'right' | 'half' | 'upright'
  | 'preview' | 'earlier' | 'later' | 'all' | 'accept' | 'change';

export const INTAKE_KEYS: Record<IntakeAct, string> = {
  undo: 'Ctrl+Z',
  save: 'Ctrl+S',
  split: 'S',
  join: 'M',
  drop: 'Delete',
  replace: 'P',
  left: 'L',
  right: 'R',
  half: 'H',
  upright: 'U',
  preview: ' ',
  earlier: 'Ctrl+ArrowLeft',
  later: 'Ctrl+ArrowRight',
  all: 'Ctrl+A',
  accept: 'A',
  change: 'E',
};

const BY_KEY = new Map(Object.entries(INTAKE_KEYS).map(([act, key]) => [key, act as IntakeAct]));

export function intakeAct(e: KeyPress & { target: EventTarget | null }): IntakeAct | null {
  if (composing(e)) return null;
  const act = BY_KEY.get(named(e)) ?? null;
  return act && isField(e.target) && act !== 'save' ? null : act;
}

/** As it stands on a key cap. */
export function capOf(act: IntakeAct): string {
  return INTAKE_KEYS[act].replace('ArrowLeft', '←').replace('ArrowRight', '→').replace('Delete', 'Del').replace(/^ $/, t('intake.space'));
}
