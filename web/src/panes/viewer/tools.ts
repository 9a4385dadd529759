// What the hand at a page does.

export const MARKING = ['highlight', 'ink', 'box', 'note', 'pointer'] as const;
export type Tool = 'read' | (typeof MARKING)[number];
