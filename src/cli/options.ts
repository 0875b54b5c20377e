/** Options that every verb takes. */
export interface CommonOptions {
  workspace?: string;
  config?: string;
  json?: boolean;
  url?: string;
  tokenFile?: string;
  driver?: string;
}
