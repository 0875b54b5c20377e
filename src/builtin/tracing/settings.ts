import { product } from '../../platform/product';

/** Where spans are sent, and how they describe this process. */
export interface TracingSettings {
  endpoint: URL;
  headers: Readonly<Record<string, string>>;
  resource: Readonly<Record<string, string>>;
}

/**
 * Reads the standard variables of OpenTelemetry. `undefined` when no endpoint is set or traces are disabled. `problem`
 * receives problems with the values.
 */
export function tracingSettings(
  env: NodeJS.ProcessEnv,
  problem: (text: string) => void,
): TracingSettings | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none')
    return undefined;
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const text = own || (base && `${base.replace(/(?<!\/)\/+$/, '')}/v1/traces`);
  if (!text) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    problem(`No traces are sent, because the endpoint "${text}" is not an http or https URL.`);
    return undefined;
  }
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol !== undefined && protocol !== '' && protocol !== 'http/json')
    problem(`The OTLP protocol "${protocol}" is not supported. Traces are sent as http/json.`);
  return {
    endpoint: new URL(text),
    headers: pairs(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? env['OTEL_EXPORTER_OTLP_HEADERS']),
    resource: {
      ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']),
      'service.name': env['OTEL_SERVICE_NAME'] || product.command,
    },
  };
}

/** Reads `key=value,key=value` with percent-encoded values. */
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
