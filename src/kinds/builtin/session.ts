import type { Driver, RequestOptions, Session } from '../../gateway/driver';
import type { GatewayTarget } from '../../gateway/resolve/target';
import { connectPatiently } from '../../gateway/drivers/connect';

/** A session with the built-in gateway. Its MCP end point is connected with when the first request needs it. */
export class BuiltinSession implements Session {
  readonly kind = 'builtin';
  #mcp: Promise<{ driver: Driver; session: Session }> | undefined;

  constructor(
    private readonly target: GatewayTarget,
    private readonly token: string | undefined,
  ) {}

  /** The end point's own driver, and its session there. */
  async mcp(options: RequestOptions): Promise<{ driver: Driver; session: Session }> {
    this.#mcp ??= this.#connect(options).catch((error: unknown) => {
      this.#mcp = undefined;
      throw error;
    });
    return await this.#mcp;
  }

  async end(): Promise<void> {
    const open = await this.#mcp?.catch(() => undefined);
    this.#mcp = undefined;
    await open?.driver.dispose(open.session);
  }

  async #connect({ signal }: RequestOptions): Promise<{ driver: Driver; session: Session }> {
    // The MCP library takes longer to load than a list takes.
    const { HttpDriver } = await import('../../gateway/drivers/http');
    const driver = new HttpDriver(this.target, this.token);
    return { driver, session: await connectPatiently(driver, signal ? { signal } : {}) };
  }
}
