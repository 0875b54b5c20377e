import assert from 'node:assert/strict';
import { tracingSettings } from '../../../../src/builtin/tracing/settings';
import { formatTraceparent, parseTraceparent, randomId } from '../../../../src/builtin/tracing/traceparent';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it('is read and written', () => {
    assert.deepEqual(parseTraceparent(`00-${trace}-${parent}-01`), {
      traceId: trace,
      parentId: parent,
      sampled: true,
    });
    assert.equal(parseTraceparent(`00-${trace}-${parent}-00`)?.sampled, false);
    assert.equal(formatTraceparent(trace, parent), `00-${trace}-${parent}-01`);
  });

  it('of a later version may say more', () => {
    assert.equal(parseTraceparent(`cc-${trace}-${parent}-01-what-comes`)?.traceId, trace);
  });

  const wrong = [
    '',
    `00-${trace}-${parent}`,
    `ff-${trace}-${parent}-01`,
    `00-${trace}-${parent}-01-more`,
    `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${parent}-01`,
  ];
  for (const text of wrong) it(`is not "${text}"`, () => assert.equal(parseTraceparent(text), undefined));

  it('has ids that differ', () => {
    const ids = new Set(Array.from({ length: 5000 }, () => randomId(8)));
    assert.equal(ids.size, 5000);
    assert.match(randomId(16), /^[0-9a-f]{32}$/);
  });
});

describe('the variables of OpenTelemetry', () => {
  const settings = (env: NodeJS.ProcessEnv, problems: string[] = []) =>
    tracingSettings(env, (problem) => problems.push(problem));

  it('without an end point send nothing', () => {
    assert.equal(settings({ OTEL_SERVICE_NAME: 'x' }), undefined);
    assert.equal(
      settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }),
      undefined,
    );
    assert.equal(
      settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }),
      undefined,
    );
  });

  it('name the end point as a base, or the one for traces as it is', () => {
    assert.equal(
      settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' })?.endpoint.href,
      'http://c:4318/v1/traces',
    );
    assert.equal(
      settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' })
        ?.endpoint.href,
      'http://t/x',
    );
  });

  it('name headers, the service and attributes', () => {
    const read = settings({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc, x-team = a=b',
      OTEL_SERVICE_NAME: 'mine',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=dev',
    });
    assert.deepEqual(read?.headers, { authorization: 'Basic abc', 'x-team': 'a=b' });
    assert.deepEqual(read.resource, { 'deployment.environment': 'dev', 'service.name': 'mine' });
  });

  it('that cannot be followed are a problem in words', () => {
    const problems: string[] = [];
    assert.equal(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, problems), undefined);
    settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, problems);
    assert.match(
      problems.join('\n'),
      /"collector:4318\/v1\/traces" is not an http or https URL\.\n.*"grpc" is not supported/,
    );
  });
});
