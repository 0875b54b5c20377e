// `npm run docs`: writes the tables of the documentation from the source.
import { writeStalePages } from './docs/sections.ts';

const written = await writeStalePages(new URL('../', import.meta.url));
console.log(written.length === 0 ? 'Every page is up to date.' : `Written: ${written.join(', ')}.`);
