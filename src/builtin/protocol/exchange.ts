/** Where what belongs to one request goes until it is answered. */
export interface Exchange {
  /** Sends a message ahead of the answer. Returns whether there is a way to the client. */
  send(message: Buffer): boolean;
  /** Sends the answer and ends. `status`: what HTTP repeats of it. */
  reply(message: Buffer, status?: number): void;
}
