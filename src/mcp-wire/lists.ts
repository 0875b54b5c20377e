/** The four lists of a server, with their names in the protocol. */
export const lists = {
  tools: {
    method: 'tools/list',
    key: 'tools',
    identity: 'name',
    changed: 'notifications/tools/list_changed',
    capability: 'tools',
  },
  prompts: {
    method: 'prompts/list',
    key: 'prompts',
    identity: 'name',
    changed: 'notifications/prompts/list_changed',
    capability: 'prompts',
  },
  resources: {
    method: 'resources/list',
    key: 'resources',
    identity: 'uri',
    changed: 'notifications/resources/list_changed',
    capability: 'resources',
  },
  resourceTemplates: {
    method: 'resources/templates/list',
    key: 'resourceTemplates',
    identity: 'uriTemplate',
    changed: 'notifications/resources/list_changed',
    capability: 'resources',
  },
} as const;

export type ListKind = keyof typeof lists;
export const listKinds: readonly ListKind[] = ['tools', 'prompts', 'resources', 'resourceTemplates'];
