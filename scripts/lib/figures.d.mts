export function withFigures(text: string, name: string, figures: string): string | undefined;
