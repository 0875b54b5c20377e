import { version } from '../../../platform/version';
import { product } from '../../../platform/product';

/** How the gateway names itself, to clients as their server and to servers as their client. */
export const gatewayInfo = { name: product.command, title: product.title, version };
