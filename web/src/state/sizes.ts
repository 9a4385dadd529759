// Sizes of files and lengths of waiting, as one says them.

import { t, type Language } from '../i18n';

/** 12.3 MB. */
export function sizeText(bytes: number, language: Language): string {
  const [unit, of] = bytes < 1_000_000 ? ['KB', 1000] as const : bytes < 1_000_000_000 ? ['MB', 1_000_000] as const : ['GB', 1_000_000_000] as const;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: of === 1000 ? 0 : 1 }).format(bytes / of)} ${unit}`;
}

/** About how long it will take yet. */
export function leftText(ms: number): string {
  return ms < 60_000 ? t('left.seconds', { n: Math.max(1, Math.round(ms / 1000)) }) : t('left.minutes', { n: Math.round(ms / 60_000) });
}
