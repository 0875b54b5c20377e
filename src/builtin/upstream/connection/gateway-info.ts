import { version } from '../../../platform/version';
import { product } from '../../../platform/product';

/** The name of the gateway, as `serverInfo` for clients and as `clientInfo` for servers. */
export const gatewayInfo = { name: product.command, title: product.title, version };
