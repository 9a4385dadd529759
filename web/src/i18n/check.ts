// Findings of the check before 开庭 in the language in use.

import type { Finding } from '../protocol/Finding';
import { t } from '.';

export function subject(found: Finding): string {
  switch (found.is) {
    case 'diskRoom':
    case 'diskShort':
    case 'diskUnknown':
      return t('check.disk');
    case 'secondCopy':
    case 'secondCopyTogether':
    case 'secondCopyLost':
      return t('check.secondCopy');
    case 'clock':
    case 'clockWrong':
      return t('check.clock');
    case 'outlines':
    case 'outlinesLeftOut':
      return t('check.outlines');
    case 'templates':
    case 'templatesLeftOut':
      return t('check.templates');
    case 'microphones':
    case 'microphoneSilent':
      return t('check.microphones');
    case 'picture':
    case 'noPicture':
      return t('check.picture');
    case 'model':
    case 'noModel':
      return t('check.model');
    case 'dossier':
      return t('check.dossier');
  }
}

export function finding(found: Finding): string {
  switch (found.is) {
    case 'outlinesLeftOut':
    case 'templatesLeftOut':
      return t(`check.found.${found.is}`, { faults: found.faults.join(t('list.semicolon')) });
    case 'clock':
      return t(found.kept ? 'check.found.clock' : 'check.found.clockFree', { now: found.now });
    default: {
      const { is, ...values } = found;
      return t(`check.found.${is}`, values);
    }
  }
}
