import type { Rect } from '../../protocol/Rect';

/** Words of a page that lead elsewhere. */
export interface Linked {
  rects: readonly Rect[];
  /** Where they lead, in words. */
  title: string;
  /** The page it leads to, for a new window; none for an article. */
  href: string | null;
  open: () => void;
}
