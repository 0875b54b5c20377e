// Tools that show every kind of form field.
import { form, text } from './content.mjs';

const defaults = {
  name: { type: 'string', description: 'User name', default: 'John Doe' },
  age: { type: 'integer', description: 'User age', default: 30 },
  score: { type: 'number', description: 'User score', default: 95.5 },
  status: {
    type: 'string',
    description: 'User status',
    enum: ['active', 'inactive', 'pending'],
    default: 'active',
  },
  verified: { type: 'boolean', description: 'Verification status', default: true },
};

const options = ['option1', 'option2', 'option3'];
const titled = ['First', 'Second', 'Third'].map((title, i) => ({ const: `value${i + 1}`, title }));

const enums = {
  untitledSingle: { type: 'string', description: 'One of', enum: options },
  titledSingle: { type: 'string', description: 'One of, with titles', oneOf: titled },
  legacyEnum: {
    type: 'string',
    description: 'One of, in the old form',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: {
    type: 'array',
    description: 'Some of',
    minItems: 1,
    maxItems: 3,
    items: { type: 'string', enum: options },
  },
  titledMulti: {
    type: 'array',
    description: 'Some of, with titles',
    minItems: 1,
    maxItems: 3,
    items: { anyOf: titled },
  },
};

const filled = (message, properties) => async (_args, client) => {
  const { answer } = await client.ask({ answer: form(message, properties, []) });
  return [text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content)}`)];
};

export const elicitationTools = {
  test_elicitation_sep1034_defaults: filled('Please review the form', defaults),
  test_elicitation_sep1330_enums: filled('Please select options', enums),
};
