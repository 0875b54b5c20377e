/** The first revision of the modern era, which has no sessions: every request stands for itself. */
export const modernVersion = '2026-07-28';

/** The reserved prefix of `_meta` keys; what stands under it belongs to one hop. */
export const hopPrefix = 'io.modelcontextprotocol/';
