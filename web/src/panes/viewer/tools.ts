// What the hand at a page does.

export const MARKING = ['highlight', 'ink', 'box', 'arrow', 'note', 'pointer'] as const;
/** A party's alone. */
export const STANCES = ['disputed', 'undisputed'] as const;
/** What a desk may make for itself alone. */
export const OWN = ['highlight', 'ink', 'box', 'arrow', 'note'] as const;
export type MarkTool = (typeof MARKING)[number] | (typeof STANCES)[number];
export type Tool = 'read' | MarkTool;

/** Keys of the page pane that take a tool. */
export const TOOL_KEYS: Record<MarkTool, string> = {
  highlight: 'H',
  ink: 'I',
  box: 'F',
  arrow: 'A',
  note: 'N',
  pointer: 'P',
  disputed: 'Y',
  undisputed: 'W',
};

export function isStance(tool: Tool): tool is (typeof STANCES)[number] {
  return (STANCES as readonly Tool[]).includes(tool);
}
