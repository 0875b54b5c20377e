import { product } from './product';

/** The verbs of the command line that a next step may name. */
export const stepVerbs = [
  'add',
  'connect',
  'doctor',
  'down',
  'enable',
  'logs',
  'remove',
  'restart',
  'secret ls',
  'secret set',
  'serve',
  'servers',
  'settings accept',
  'settings ls',
  'status',
  'tools',
  'up',
] as const;
export type StepVerb = (typeof stepVerbs)[number];

/** A command of this program. The command line prints it; the editor offers its own command that does the same. */
export interface Action {
  readonly verb: StepVerb;
  /** What follows the verb: names and options. */
  readonly args: readonly string[];
  /** Whether it has to be run on the machine that has the container engine, so that nothing here can do it. */
  readonly elsewhere: boolean;
}

/** What a person can do next: whole sentences, and the one command that does it, where there is one. */
export interface NextStep {
  readonly text: string;
  readonly action?: Action | undefined;
}

/** A next step whose last sentence is done by a command: `step('Start the gateway.', 'up')`. */
export function step(text: string, verb?: StepVerb, ...args: string[]): NextStep {
  return verb === undefined ? { text } : { text, action: { verb, args, elsewhere: false } };
}

/** A next step whose command has to be run on the machine that has the container engine. */
export function stepElsewhere(text: string, verb: StepVerb, ...args: string[]): NextStep {
  return { text, action: { verb, args, elsewhere: true } };
}

/** The step that is known, or another one where it says nothing. */
export function stepOr(known: NextStep | undefined, otherwise: NextStep): NextStep {
  return known === undefined || known.text === '' ? otherwise : known;
}

/** The command line of an action. */
export function commandOf({ verb, args }: Action): string {
  return [product.command, verb, ...args].join(' ');
}

/** The step as the command line prints it: `Start the gateway: devcontainer-gateway up`. */
export function stepText(next: NextStep): string {
  return stepWith(next, commandOf);
}

/** The step as one line, its action put into words by the caller. */
export function stepWith({ text, action }: NextStep, words: (action: Action) => string): string {
  if (action === undefined) return text;
  return `${text.replace(/[.:]$/, '')}: ${words(action)}`;
}
