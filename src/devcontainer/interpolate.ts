import type { Environment } from '../platform/environment';

/** Compose's `${NAME}`, `${NAME:-default}` and `${NAME-default}`; what is not set is empty. */
export function interpolate(text: string, env: Environment): string {
  return text.replace(
    /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\}|(:?[-?+])([^}]*)(?:\}|$)))/g,
    (match: string, bare?: string, braced?: string, operator?: string, word?: string) => {
      if (match === '$$') return '$';
      if (braced !== undefined && !match.endsWith('}')) return match;
      const value = env[bare ?? braced ?? ''];
      const missing = value === undefined || (operator?.startsWith(':') === true && value === '');
      if (operator?.endsWith('+') === true) return missing ? '' : (word ?? '');
      if (operator?.endsWith('-') === true) return missing ? (word ?? '') : value;
      return value ?? '';
    },
  );
}

/** Replaces each `${…}` of a text. `replace` gets what is between the braces, and the whole. */
export function replaceBraced(text: string, replace: (inner: string, whole: string) => string): string {
  return text.replace(/\$\{([^}]*)(?:\}|$)/g, (whole: string, inner: string) =>
    whole.endsWith('}') ? replace(inner, whole) : whole,
  );
}
