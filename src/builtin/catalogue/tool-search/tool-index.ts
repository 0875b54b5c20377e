import type MiniSearch from 'minisearch';
import type { CatalogueEntry } from '../merged';

/** The searched fields of a tool. */
interface ToolDocument {
  id: string;
  name: string;
  title: string;
  description: string;
  parameters: string;
}

/** Matches in names count most. A description is long, so a match in it counts least. */
const boost = { name: 4, title: 3, parameters: 1.5, description: 1 };

/** A search index over the tools of one endpoint: names, titles, descriptions and parameters. */
export class ToolIndex {
  private constructor(
    readonly tools: ReadonlyMap<string, CatalogueEntry>,
    readonly search: MiniSearch<ToolDocument>,
  ) {}

  /** The first search loads the library, so a gateway without tool search does not need its memory. */
  static async of(tools: ReadonlyMap<string, CatalogueEntry>): Promise<ToolIndex> {
    const { default: Search } = await import('minisearch');
    const search = new Search<ToolDocument>({
      fields: Object.keys(boost),
      tokenize: tokenize,
      processTerm: (term) => term.toLowerCase(),
    });
    search.addAll([...tools.values()].map(documentOf));
    return new ToolIndex(tools, search);
  }

  /** The best `limit` tools for a query, best first. Prefix matches and misspelt words count less. */
  best(query: string, limit: number): CatalogueEntry[] {
    const found = this.search.search(query, {
      boost,
      combineWith: 'OR',
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      weights: { prefix: 0.4, fuzzy: 0.2 },
    });
    return found.slice(0, limit).flatMap(({ id }) => this.tools.get(String(id)) ?? []);
  }
}

/** Splits texts and names into words: `readTextFile`, `read_text_file` and `read text file` give the same three words. */
function tokenize(text: string): string[] {
  return text
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function documentOf({ name, item }: CatalogueEntry): ToolDocument {
  const definition: unknown = JSON.parse(item.bytes.toString('utf8'));
  const properties = member(member(definition, 'inputSchema'), 'properties');
  const parameters = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return {
    id: name,
    name: `${name} ${item.identity}`,
    title:
      text(member(definition, 'title')) ?? text(member(member(definition, 'annotations'), 'title')) ?? '',
    description: text(member(definition, 'description')) ?? '',
    parameters: parameters.join(' '),
  };
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? new Map<string, unknown>(Object.entries(value)).get(key)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
