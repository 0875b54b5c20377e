import type { Environment } from '../platform/environment';

/** Compose's `${NAME}`, `${NAME:-default}` and `${NAME-default}`; what is not set is empty. */
export function interpolate(text: string, env: Environment): string {
  return text.replace(
    /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\})/g,
    (match: string, bare?: string, braced?: string, operator?: string, word?: string) => {
      if (match === '$$') return '$';
      const value = env[bare ?? braced ?? ''];
      const missing = value === undefined || (operator?.startsWith(':') === true && value === '');
      if (operator?.endsWith('+') === true) return missing ? '' : (word ?? '');
      if (operator?.endsWith('-') === true) return missing ? (word ?? '') : value;
      return value ?? '';
    },
  );
}
