import { product } from '../../platform/product';

/** Where spans go, and what they say of this process. */
export interface TracingSettings {
  endpoint: URL;
  headers: Readonly<Record<string, string>>;
  resource: Readonly<Record<string, string>>;
}

/**
 * Reads the standard variables of OpenTelemetry; `undefined` when no end point is named or traces are switched off.
 * `problem` gets what is wrong with them.
 */
export function tracingSettings(
  env: NodeJS.ProcessEnv,
  problem: (text: string) => void,
): TracingSettings | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none')
    return undefined;
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const text = own || (base && `${base.replace(/\/+$/, '')}/v1/traces`);
  if (!text) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    problem(`no traces are sent: the end point "${text}" is not an http or https URL`);
    return undefined;
  }
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol !== undefined && protocol !== '' && protocol !== 'http/json')
    problem(`traces are sent as http/json; "${protocol}" is not supported`);
  return {
    endpoint: new URL(text),
    headers: pairs(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? env['OTEL_EXPORTER_OTLP_HEADERS']),
    resource: {
      ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']),
      'service.name': env['OTEL_SERVICE_NAME'] || product.command,
    },
  };
}

/** `key=value,key=value`, the values percent-encoded. */
function pairs(text = ''): Record<string, string> {
  const entries = text.split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at > 0 ? [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]] : [];
  });
  return Object.fromEntries(entries);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
