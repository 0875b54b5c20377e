import { GatewayModel } from '../../../src/editor/model';
import { isAnswering } from '../../../src/gateway/watch/state';
import { eventually } from '../../support/eventually';

/** A model of the gateway that an environment names, once it answers. */
export async function answeringModel(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<GatewayModel> {
  const model = new GatewayModel({
    folder,
    place: 'container',
    env,
    log: { log: () => undefined },
  });
  await model.refresh();
  await eventually(() => model.state !== undefined && isAnswering(model.state), 'the gateway answering');
  return model;
}
