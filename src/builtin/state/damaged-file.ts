import { rename } from 'node:fs/promises';

/**
 * Gives a damaged file another name beside the old one, so that nothing of it is lost when the gateway writes the file
 * again. Resolves with the new name.
 */
export async function keepAside(file: string, now = new Date()): Promise<string> {
  const aside = `${file}.damaged-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
  await rename(file, aside);
  return aside;
}
