// What both servers of the bridge matrix offer. `client` is the client of one request: it can be asked, told and noticed.
export const note = 'matrix://note';
export const resources = [{ uri: note, name: 'note' }];
export const resourceTemplates = [{ uriTemplate: 'matrix://item/{id}', name: 'item' }];
export const prompts = [{ name: 'greet', arguments: [{ name: 'who', required: true }] }];

const tool = (name, properties = {}) => ({ name, inputSchema: { type: 'object', properties } });
const text = (value) => [{ type: 'text', text: String(value) }];
const grown = [];
let cancelled = 0;

export const listTools = () => [...Object.keys(work).map((name) => tool(name)), ...grown];

export const readResource = (uri) => [{ uri, mimeType: 'text/plain', text: `the text of ${uri}` }];

export const greet = (who) => ({
  messages: [{ role: 'user', content: { type: 'text', text: `Hello, ${who}!` } }],
});

export const complete = (value) => ({ completion: { values: [`${value}-first`, `${value}-second`] } });

const work = {
  echo: async ({ message }) => text(message),
  count: async ({ steps }, client) => {
    for (let step = 1; step <= steps; step += 1) await client.progress(step, steps);
    return text(steps);
  },
  wait: async (_args, client) => {
    await new Promise((resolve) => client.signal.addEventListener('abort', resolve));
    cancelled += 1;
    return text('cancelled');
  },
  cancelled: async () => text(cancelled),
  sample: async (_args, client) => {
    const params = { messages: [{ role: 'user', content: { type: 'text', text: 'Why?' } }], maxTokens: 10 };
    const { answer } = await client.ask({ answer: { method: 'sampling/createMessage', params } });
    return text(answer.content.text);
  },
  elicit: async (_args, client) => {
    const requestedSchema = { type: 'object', properties: { color: { type: 'string' } } };
    const params = { mode: 'form', message: 'Which color?', requestedSchema };
    const { answer } = await client.ask({ answer: { method: 'elicitation/create', params } });
    return text(`${answer.action} ${answer.content?.color}`);
  },
  roots: async (_args, client) => {
    const { answer } = await client.ask({ answer: { method: 'roots/list', params: {} } });
    return text(answer.roots.map(({ uri }) => uri).join(' '));
  },
  log: async (_args, client) => {
    await client.log('a line of the log');
    return text('logged');
  },
  touch: async (_args, client) => {
    await client.updated(note);
    return text('touched');
  },
  grow: async (_args, client) => {
    grown.push(tool(`grown-${grown.length + 1}`));
    await client.toolsChanged();
    return text(grown.length);
  },
};

export const callTool = async (name, args, client) => await work[name]?.(args, client);
