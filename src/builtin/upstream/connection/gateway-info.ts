import { version } from '../../../platform/version';

/** How the gateway names itself, to clients as their server and to servers as their client. */
export const gatewayInfo = { name: 'devcontainer-mcp', title: 'MCP Gateway for Dev Containers', version };
