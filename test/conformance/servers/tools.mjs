// The tools of the reference servers, each as one row. What differs between the protocol eras is behind `client`:
//   ask(requests, { state })  the answers to questions, by key; `state` asks for a state that the client has to bring back
//   declares(capability)      whether the client can be asked for that
//   progress(done, total), log(text), changed(kind), dropStream()
import { setTimeout as delay } from 'node:timers/promises';
import { audioBlock, embedded, form, imageBlock, sample, text } from './content.mjs';
import { elicitationTools } from './tools-elicitation.mjs';
import { inputRequiredTools } from './tools-input-required.mjs';

const nothing = { type: 'object', properties: {} };
const one = (name) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] });

const table = {
  test_simple_text: async () => [text('This is a simple text response for testing.')],
  test_image_content: async () => [imageBlock],
  test_audio_content: async () => [audioBlock],
  test_embedded_resource: async () => [
    embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ],
  test_multiple_content_types: async () => [
    text('Multiple content types test:'),
    imageBlock,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ],
  test_tool_with_logging: async (_args, client) => {
    for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await client.log(line);
      await delay(50);
    }
    return [text('Tool with logging executed successfully')];
  },
  test_tool_with_progress: async (_args, client) => {
    for (const done of [0, 50, 100]) {
      await client.progress(done, 100);
      await delay(50);
    }
    return [text('Tool with progress executed successfully')];
  },
  test_error_handling: async () => {
    throw new Error('This tool intentionally returns an error for testing');
  },
  test_reconnection: async (_args, client) => {
    client.dropStream();
    await delay(100);
    return [text('Reconnection test completed successfully.')];
  },
  test_missing_capability: async (_args, client) => {
    await client.ask({ llm_answer: sample('Reply with the single word: pong', 16) });
    return [text('The model has answered.')];
  },
  test_streaming_elicitation: async () => [text('Nothing but the result is on this stream.')],
  test_logging_tool: async (_args, client) => {
    await client.log('test_logging_tool ran');
    return [text('Logged.')];
  },
  test_trigger_tool_change: async (_args, client) => {
    await client.changed('tools');
    return [text('The list of tools has changed.')];
  },
  test_trigger_prompt_change: async (_args, client) => {
    await client.changed('prompts');
    return [text('The list of prompts has changed.')];
  },
  test_sampling: async ({ prompt }, client) => {
    const { answer } = await client.ask({ answer: sample(prompt) });
    return [text(`LLM response: ${answer.content.text}`)];
  },
  test_elicitation: async ({ message }, client) => {
    const { answer } = await client.ask({ answer: form(message, { response: { type: 'string' } }) });
    return [text(`User response: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`)];
  },
  json_schema_2020_12_tool: async (args) => [text(`Called with: ${JSON.stringify(args)}`)],
  test_x_mcp_header: async ({ region }) => [text(`region=${region ?? 'none'}`)],
  ...elicitationTools,
  ...inputRequiredTools,
};

const schemas = {
  test_sampling: one('prompt'),
  test_elicitation: one('message'),
  test_x_mcp_header: {
    type: 'object',
    properties: {
      region: { type: 'string', description: 'Repeated in Mcp-Param-Region.', 'x-mcp-header': 'Region' },
      level: { type: 'integer', description: 'Not repeated.' },
    },
  },
  json_schema_2020_12_tool: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  },
};

/** The list as both eras have it. */
export const tools = Object.keys(table).map((name) => ({
  name,
  description: `For the conformance scenario of ${name}.`,
  inputSchema: schemas[name] ?? nothing,
}));

/** The content of a call, or `undefined` when there is no tool of that name. */
export async function callTool(name, args, client) {
  return Object.hasOwn(table, name) ? await table[name](args, client) : undefined;
}
