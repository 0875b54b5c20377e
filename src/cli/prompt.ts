import * as v from 'valibot';
import { AppError } from '../platform/errors';
import { blockText } from './call';
import { withGateway } from './gateway';
import type { CliIo } from './io';
import { jsonArguments } from './json-arguments';
import type { CommonOptions } from './options';

export interface PromptOptions extends CommonOptions {
  args?: string;
}

const Texts = v.record(v.string(), v.string());
const Block = v.record(v.string(), v.unknown());

/** `prompt`: prints the messages of a prompt. */
export async function prompt(io: CliIo, name: string, options: PromptOptions): Promise<void> {
  const args = v.safeParse(Texts, JSON.parse(await jsonArguments(options.args, io)));
  if (!args.success) {
    throw new AppError('usage', 'Every argument of a prompt must be a string.', {
      next: `Quote each value: --args '{"n":"1"}'.`,
    });
  }
  await withGateway(io, options, async (gateway) => {
    const result = await gateway.getPrompt(await gateway.prompt(name), args.output);
    if (options.json === true) {
      io.stdout(`${result.raw}\n`);
      return;
    }
    for (const { role, content } of result.messages) {
      const block = v.safeParse(Block, content);
      io.stdout(`${role}: ${block.success ? blockText(block.output) : JSON.stringify(content)}\n`);
    }
  });
}
