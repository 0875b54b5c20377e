interface FoundPattern {
  place: string;
  text: string;
  made: boolean;
}

interface PatternTable {
  linear: string[];
  made: Record<string, string>;
}

export function readTable(): Promise<PatternTable>;
export function productPatterns(): Promise<FoundPattern[]>;
export function differences(
  found: readonly FoundPattern[],
  table: PatternTable,
): { unknown: string[]; unused: string[]; unknownMade: FoundPattern[]; unusedMade: string[] };
