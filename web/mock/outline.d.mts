import type { Outline } from '../src/protocol/Outline';

export const NAMES: readonly string[];
export function outline(name: string): Outline;
