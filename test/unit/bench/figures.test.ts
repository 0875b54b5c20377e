import assert from 'node:assert/strict';
import { withFigures } from '../../../scripts/lib/figures.mjs';

const page = [
  'Before.',
  '<!-- calls: npm run bench -- --write -->',
  'old calls',
  '<!-- end of calls -->',
  'Between.',
  '<!-- sessions: npm run bench -- --write -->',
  '<!-- end of sessions -->',
  'After.',
].join('\n');

describe('figures in a page', () => {
  it('stand between the comments of their name, and nothing else changes', () => {
    const written = withFigures(page, 'sessions', '| a | b |');
    assert.equal(
      written,
      page.replace('--write -->\n<!-- end of sessions', '--write -->\n\n| a | b |\n\n<!-- end of sessions'),
    );
  });

  it('take the place of those from before, however often they are written', () => {
    const once = withFigures(page, 'calls', 'new calls');
    assert.ok(once !== undefined && !once.includes('old calls'));
    assert.equal(withFigures(once, 'calls', 'new calls'), once);
  });

  it('are not written where the page has no place for them', () => {
    assert.equal(withFigures(page, 'memory', 'x'), undefined);
    assert.equal(
      withFigures('<!-- end of calls --><!-- calls: npm run bench -- --write -->', 'calls', 'x'),
      undefined,
    );
  });
});
