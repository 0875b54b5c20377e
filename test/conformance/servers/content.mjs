// What the reference servers of both protocol eras offer beside their tools, as the scenarios of the conformance suite name it.

const image =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const audio = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==';

export const text = (value) => ({ type: 'text', text: value });
export const imageBlock = { type: 'image', data: image, mimeType: 'image/png' };
export const audioBlock = { type: 'audio', data: audio, mimeType: 'audio/wav' };
export const embedded = (uri, mimeType, value) => ({
  type: 'resource',
  resource: { uri, mimeType, text: value },
});

const template = /^test:\/\/template\/([^/]+)\/data$/;

export const resources = [
  { uri: 'test://static-text', name: 'static-text', description: 'A fixed text.', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static-binary', description: 'A pixel.', mimeType: 'image/png' },
  {
    uri: 'test://watched-resource',
    name: 'watched-resource',
    description: 'A text to subscribe to.',
    mimeType: 'text/plain',
  },
];

export const resourceTemplates = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    description: 'Data by id.',
    mimeType: 'application/json',
  },
];

/** The contents of a resource, or `undefined` when there is none of that URI. */
export function readResource(uri) {
  const known = resources.find((resource) => resource.uri === uri);
  if (known?.mimeType === 'image/png') return [{ uri, mimeType: known.mimeType, blob: image }];
  if (known) return [{ uri, mimeType: known.mimeType, text: `This is the text of ${known.name}.` }];
  const [, id] = template.exec(uri) ?? [];
  if (id === undefined) return undefined;
  const data = { id, templateTest: true, data: `Data for ID: ${id}` };
  return [{ uri, mimeType: 'application/json', text: JSON.stringify(data) }];
}

const said = (content) => ({ role: 'user', content });
const argument = (name) => ({ name, description: `The argument ${name}.`, required: true });

/** Each prompt with what it says; `client` answers questions, see `tools.mjs`. */
const promptTable = [
  {
    name: 'test_simple_prompt',
    description: 'A prompt without arguments.',
    messages: () => [said(text('This is a simple prompt for testing.'))],
  },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with two arguments.',
    arguments: [argument('arg1'), argument('arg2')],
    messages: ({ arg1, arg2 }) => [said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt around a resource.',
    arguments: [argument('resourceUri')],
    messages: ({ resourceUri }) => [
      said(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.')),
      said(text('Please process the embedded resource above.')),
    ],
  },
  {
    name: 'test_prompt_with_image',
    description: 'A prompt with a picture.',
    messages: () => [said(imageBlock), said(text('Please analyze the image above.'))],
  },
  {
    name: 'test_input_required_result_prompt',
    description: 'A prompt that asks the user first.',
    messages: async (_args, client) => {
      const { user_context } = await client.ask({
        user_context: form('What context should the prompt use?', { context: { type: 'string' } }),
      });
      return [said(text(`Use the following context: ${user_context.content.context}`))];
    },
  },
];

export const prompts = promptTable.map(({ name, description, arguments: args }) => ({
  name,
  description,
  ...(args ? { arguments: args } : {}),
}));

/** The result of `prompts/get`, or `undefined` when there is no prompt of that name. */
export async function getPrompt(name, args, client) {
  const prompt = promptTable.find((one) => one.name === name);
  return prompt && { description: prompt.description, messages: await prompt.messages(args, client) };
}

/** A question to the user. `properties` that have no default are required. */
export function form(message, properties, required = Object.keys(properties)) {
  return {
    method: 'elicitation/create',
    params: { mode: 'form', message, requestedSchema: { type: 'object', properties, required } },
  };
}

/** A question to the client's model. */
export function sample(question, maxTokens = 100) {
  return {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: text(question) }], maxTokens },
  };
}

export const rootsOfClient = { method: 'roots/list', params: {} };
