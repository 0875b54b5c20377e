import { contextKey } from '../editor/contributions';
import type { ContextKeys } from '../editor/context-keys';
import type { GatewayModel } from '../editor/model';
import type { Disposable } from '../platform/disposable';

/** Keeps the context keys, which menus and welcome texts depend on, in step with the model. */
export function tellContextKeys(model: GatewayModel, keys: ContextKeys): Disposable {
  const tell = (): void => {
    const { workspace, engine, state, place } = model;
    keys.set(contextKey.place, place);
    keys.set(contextKey.workspace, workspace === 'unknown' ? '' : workspace);
    keys.set(contextKey.engine, engine === undefined ? '' : engine ? 'yes' : 'no');
    keys.set(contextKey.status, state?.status ?? 'none');
  };
  tell();
  return model.onChange(tell);
}
