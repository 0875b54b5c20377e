/** The variables of a process, or of a file of variables. */
export type Environment = Readonly<Record<string, string | undefined>>;
