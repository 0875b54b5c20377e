/**
 * Every code of an error that a person or a script can meet, and what it means. The codes are stable: scripts may test
 * them in `--json` output, and clients of `connect` find them in `error.data.code`. docs/errors.md is written from this.
 */
export const errorCodes = {
  usage: 'The arguments or settings of the command are wrong.',
  'not-found': 'Something that the command needs is not there: a gateway, server, tool, file or token.',
  'invalid-file': 'A file cannot be parsed or does not have the expected form. The message names the place.',
  'invalid-value': 'A value is not allowed where it was given.',
  refused: 'The program or the gateway understood the request and does not allow it.',
  'no-engine': 'No container engine answers here, and the command needs one.',
  engine: 'The container engine reported an error.',
  compose: 'Docker Compose reported an error, is missing, or is too old.',
  unreachable: 'Nothing answers at the address of the gateway, or the connection broke.',
  unauthorized: 'The gateway does not accept the token, or no token was found.',
  timeout: 'The answer did not come in time.',
  cancelled: 'The person or the client cancelled the work.',
  conflict: 'The change does not fit what is there: something else has the name, the file or the lock.',
  storage: 'A file of the gateway could not be written, for example because the disk is full.',
  protocol: 'The other side sent something that the protocol does not allow.',
  internal: 'An error of another kind, often one in the program itself. The message has the details.',
} as const;

export type ErrorCode = keyof typeof errorCodes;
