// Tools that ask before they answer: in one round or several, for one thing or several, with and without a state.
import { form, rootsOfClient, sample, text } from './content.mjs';

const name = form('What is your name?', { name: { type: 'string' } });
const confirm = form('Please confirm', { ok: { type: 'boolean' } });

export const inputRequiredTools = {
  test_input_required_result_elicitation: async (_args, client) => {
    const { user_name } = await client.ask({ user_name: name });
    return [text(`Hello, ${user_name.content.name}!`)];
  },
  test_input_required_result_sampling: async (_args, client) => {
    const { capital_question } = await client.ask({
      capital_question: sample('What is the capital of France?'),
    });
    return [text(`Sampling response: ${capital_question.content.text}`)];
  },
  test_input_required_result_list_roots: async (_args, client) => {
    const { client_roots } = await client.ask({ client_roots: rootsOfClient });
    return [text(`Roots: ${client_roots.roots.map(({ uri }) => uri).join(', ')}`)];
  },
  test_input_required_result_request_state: async (_args, client) => {
    await client.ask({ confirm }, { state: true });
    return [text('state-ok: the state came back as it was')];
  },
  test_input_required_result_multiple_inputs: async (_args, client) => {
    const { user_name, greeting, client_roots } = await client.ask(
      { user_name: name, greeting: sample('Generate a greeting', 50), client_roots: rootsOfClient },
      { state: true },
    );
    return [
      text(
        `${greeting.content.text} ${user_name.content.name}; ${client_roots.roots.length} roots are visible`,
      ),
    ];
  },
  test_input_required_result_multi_round: async (_args, client) => {
    const step1 = form('Step 1: What is your name?', { name: { type: 'string' } });
    const step2 = form('Step 2: What is your favorite color?', { color: { type: 'string' } });
    const first = await client.ask({ step1 }, { state: true });
    const second = await client.ask({ step2 }, { state: true });
    return [text(`${first.step1.content.name} likes ${second.step2.content.color}`)];
  },
  test_input_required_result_tampered_state: async (_args, client) => {
    await client.ask({ confirm }, { state: true });
    return [text('integrity-ok: the state came back as it was')];
  },
  test_input_required_result_capabilities: async (_args, client) => {
    const questions = {
      ...(client.declares('elicitation') ? { user_name: name } : {}),
      ...(client.declares('sampling') ? { greeting: sample('Generate a short greeting', 50) } : {}),
      ...(client.declares('roots') ? { client_roots: rootsOfClient } : {}),
    };
    if (Object.keys(questions).length > 0) await client.ask(questions);
    return [text('Asked for what the client can do.')];
  },
};
