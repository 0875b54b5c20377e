import { defaultKind, kinds } from '../kinds/registry';
import { progress, type CliIo } from './io';
import type { WiringDependencies } from './wiring';
import { stepText } from '../platform/next-step';
import { sentence } from '../platform/sentence';

/** What wiring does with the engine: start the sidecar before it is named, remove it before its files. */
export function sidecarHooks(
  io: CliIo,
): Required<Pick<WiringDependencies, 'prestart' | 'teardown' | 'takeBack' | 'leftovers'>> {
  return {
    prestart: async ({ container, kind: id = defaultKind, signal }) => {
      const { prestartSidecar } = await import('../gateway/sidecar/prestart');
      return await prestartSidecar(container, io.env, kinds[id], {
        signal,
        progress: (line) => progress(io, line),
      });
    },
    teardown: async ({ container, signal }) => {
      const { teardownHere } = await import('../gateway/sidecar/teardown');
      const { removed, kept, untouched } = await teardownHere(container, io.env, {
        signal,
        progress: (line) => progress(io, line),
      });
      for (const item of removed) progress(io, `removed ${item}`);
      return [
        ...(untouched ? [`${sentence(untouched.reason)} ${stepText(untouched.next)}`] : []),
        ...kept.map(
          (item) =>
            `Another container still uses the ${item}. You can remove it when that container is gone.`,
        ),
      ];
    },
    leftovers: async (container) => {
      const { leftoversHere } = await import('../gateway/sidecar/teardown');
      return await leftoversHere(container, io.env, io.signal);
    },
    takeBack: async (container) => {
      const { removeContainerHere } = await import('../gateway/sidecar/teardown');
      const item = await removeContainerHere(container, io.env, io.signal);
      if (item !== undefined) progress(io, `removed ${item}`);
    },
  };
}
