/** The first revision of the modern era, which is stateless: there are no sessions. */
export const modernVersion = '2026-07-28';

/** The reserved prefix of `_meta` keys. Keys with this prefix belong to one hop. */
export const hopPrefix = 'io.modelcontextprotocol/';
