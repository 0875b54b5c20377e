/** Sends the messages of one request to the client, until the response. */
export interface Exchange {
  /** Sends a message before the response. Returns whether the client can be reached. */
  send(message: Buffer): boolean;
  /** Sends the response and ends the exchange. `status` is the HTTP status. */
  reply(message: Buffer, status?: number): void;
}
