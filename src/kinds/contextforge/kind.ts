import { laterKind } from '../later';

/** IBM ContextForge. */
export const contextforge = laterKind(
  'contextforge',
  'IBM ContextForge',
  'A large Python service with users, roles and a database of its own.',
);
