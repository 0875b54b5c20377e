/** The exit statuses of the command line. */
export const exitStatus = { success: 0, failure: 1, usage: 2 } as const;

/** What each of them means. docs/errors.md is written from this. */
export const exitMeanings: Readonly<Record<keyof typeof exitStatus, string>> = {
  success: 'The command did what it says.',
  failure: 'The command failed, or `doctor` found a problem, or the tool that was called reported an error.',
  usage: 'The arguments or settings of the command are wrong.',
};
