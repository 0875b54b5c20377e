import type { ListKind } from '../../mcp-wire/lists';
import { shortText } from '../../platform/short-text';
import type { ServerRegistry } from '../catalogue/server-registry';
import type { Scope } from '../catalogue/scope';
import { allowsResource } from '../tokens/profile';
import type { CallGate } from './call-gate';
import type { Call } from './relay';

type Noun = 'tool' | 'prompt' | 'resource' | 'prompt or resource template' | 'method';

const kindOf: ReadonlyMap<Noun, ListKind> = new Map([
  ['tool', 'tools'],
  ['prompt', 'prompts'],
  ['resource', 'resources'],
]);

const longestName = 256;

/**
 * Refuses requests that the rules of their token exclude.
 *
 * What a token may not see does not exist for it. So the error for a hidden name is, word for word, the error for a name
 * that does not exist. Only the record, which no restricted token can read, names the server that has it.
 */
export class Refusals {
  constructor(
    readonly registry: ServerRegistry,
    readonly gate: CallGate,
  ) {}

  /** Whether the rules let a token use the resource at any server that it sees. */
  permits({ profile, servers }: Scope, uri: string): boolean {
    return profile.key === '' || servers.some(({ name }) => allowsResource(profile, name, uri));
  }

  /** Records the refusal, and rejects with the error for the client. */
  async refuse(
    { caller, scope, method, params }: Pick<Call, 'caller' | 'scope' | 'method' | 'params'>,
    noun: Noun,
    name: string,
  ): Promise<never> {
    const { profile } = scope;
    const server = scope.prefixed ? this.#ownerOf(noun, name) : scope.key;
    throw await this.gate.refuse(
      { caller, profile, server, method, name, params },
      `The token "${profile.name}" has no permission for the ${noun} ${shortText(name, longestName)}, or there is no such ${noun}.`,
    );
  }

  #ownerOf(noun: Noun, name: string): string {
    const kind = kindOf.get(noun);
    return (kind && this.registry.entries(this.registry.all, kind).get(name)?.server.name) ?? '';
  }
}
