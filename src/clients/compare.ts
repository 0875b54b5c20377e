import { messageOf } from '../platform/errors';
import type { AiClient } from './clients';
import { entryIn } from './edit';
import { faultsOf } from './faults';

/** A client's file as it points, or does not point, at the gateway. Nothing in it is a secret. */
export interface ClientEntry {
  label: string;
  file: string;
  /** Whether wiring always writes it. */
  always: boolean;
  found: 'no-file' | 'no-entry' | 'entry' | 'unreadable';
  /** What keeps it from reaching the gateway, as sentences without their end. */
  faults: readonly string[];
}

/** Looks at a client's file; `text` is `undefined` where there is none. */
export function compareClient(
  client: AiClient,
  text: string | undefined,
  file: string,
  always: boolean,
): ClientEntry {
  const about = { label: client.label, file, always };
  if (text === undefined) return { ...about, found: 'no-file', faults: [] };
  try {
    const entry = entryIn(client, text, file);
    if (entry === undefined) return { ...about, found: 'no-entry', faults: [] };
    return { ...about, found: 'entry', faults: faultsOf(entry, client) };
  } catch (error) {
    return { ...about, found: 'unreadable', faults: [messageOf(error)] };
  }
}
