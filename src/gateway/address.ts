/** A gateway's address and the token that it accepts. */
export interface GatewayAddress {
  /** The MCP URL, ending in `/mcp`. */
  url: URL;
  token: string | undefined;
  /** Where the address comes from, in words. */
  source: string;
}
