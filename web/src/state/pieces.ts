// Copies of many pages come in pieces, as the hub makes them (R-MARK-4).

export const PIECE_MAX = 300;

export interface Piece {
  from: number;
  to: number;
  /** How the address asks for it; nothing where it is the whole. */
  query: string;
}

export function piecesOf(pages: number): Piece[] {
  const count = Math.ceil(pages / PIECE_MAX);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i * PIECE_MAX + 1, Math.min(pages, (i + 1) * PIECE_MAX)];
    return { from, to, query: count === 1 ? '' : `?from=${from}&to=${to}` };
  });
}
