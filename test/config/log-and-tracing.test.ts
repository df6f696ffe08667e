import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { environmentWarning, tracingPlanOf, type TracingPlan } from '../../src/tracing/tracing-plan.ts';
import { temporaryFolder } from '../support/product.ts';

const folder = temporaryFolder();
const read = (text: string) => parseConfig(`database: ./x.db\nupstreams: { real: { kind: anthropic, base_url: https://api.example.com, credential: env:KEY } }\n${text}`, path.join(folder, 'config.yaml'));
const configOf = (text: string): Config => {
  const result = read(text);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
};
const problems = (text: string): string[] => {
  const result = read(text);
  return result.ok ? [] : result.problems.map(String);
};
const planOf = (text: string, env: Record<string, string> = {}): TracingPlan | null => tracingPlanOf({ config: configOf(text), env, version: '1.2.3', secrets: [] });

describe('the log and the traces of a configuration', () => {
  it('are a line for each request and no traces, unless told otherwise', () => {
    expect(configOf('')).toMatchObject({ log: { level: 'info', format: 'auto', requests: true }, tracing: { endpoint: null, headers: {}, sample: 1, serviceName: null } });
    expect(planOf('')).toBeNull();
  });

  it('are read, with headers from their places, and shown in the settings without them', () => {
    fs.writeFileSync(path.join(folder, 'tenant'), 'blue\n');
    const text = 'log: { level: debug, format: text, requests: false }\ntracing: { endpoint: https://otlp.example.com/v1/traces, headers: { Authorization: env:AUTH, x-tenant: file:tenant }, sample: 0.25, service_name: edge }';
    const config = configOf(text);
    expect(config.log).toEqual({ level: 'debug', format: 'text', requests: false });
    expect(planOf(text, { AUTH: 'Bearer abc' })).toMatchObject({
      endpoint: 'https://otlp.example.com/v1/traces',
      headers: { authorization: 'Bearer abc', 'x-tenant': 'blue' },
      sample: 0.25,
      resource: { 'service.name': 'edge', 'service.version': '1.2.3' },
      upstreams: { real: 'https://api.example.com' },
    });
    expect(config.settings.filter(({ key }) => /^(log|tracing)\./.test(key)).map(({ key, value, restart }) => [key, value, restart])).toEqual([
      ['log.level', 'debug', false],
      ['log.format', 'text', false],
      ['log.requests', 'false', false],
      ['tracing.endpoint', 'https://otlp.example.com/v1/traces', false],
      ['tracing.headers', `authorization from env:AUTH, x-tenant from file:${path.join(folder, 'tenant')}`, false],
      ['tracing.sample', '0.25', false],
      ['tracing.service_name', 'edge', false],
    ]);
    expect(() => planOf(text)).toThrow(/^the header authorization of tracing: the environment variable AUTH is not set/);
  });

  it.each([
    ['log: { level: verbose }', 'config.yaml:3: log.level: must be one of debug, info, warn, error, not "verbose".'],
    ['log: { format: jsn }', 'config.yaml:3: log.format: must be one of auto, json, text, not "jsn". Did you mean "json"?'],
    ['tracing: { endpoint: collector:4318 }', 'config.yaml:3: tracing.endpoint: must begin with https://, not "collector:"'],
    ['tracing: { endpoint: http://127.0.0.1:4318 }', 'config.yaml:3: tracing.endpoint: must name the path too, which is usually /v1/traces, as in http://127.0.0.1:4318/v1/traces'],
    ['tracing: { endpoint: http://otlp.example.com/v1/traces, headers: { authorization: env:A } }', 'config.yaml:3: tracing.endpoint: http:// would send tracing.headers unencrypted; use https://, or leave the headers out'],
    ['tracing: { headers: { "a b": env:A } }', 'config.yaml:3: tracing.headers.a b: is no name of a header'],
    ['tracing: { headers: { authorization: Bearer-abc } }', 'config.yaml:3: tracing.headers.authorization: must say where the credential is, env:NAME, file:PATH or credential:NAME. A credential itself must not stand in this file: if this is one, replace it'],
    ['tracing: { sample: 2 }', 'config.yaml:3: tracing.sample: must be a number from 0 to 1, not 2'],
  ])('%s is refused in words', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });
});

describe('the standard environment variables', () => {
  const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

  it.each([
    ['the endpoint of all signals gets the path of traces', '', OTLP, 'http://collector:4318/v1/traces'],
    ['that of traces is taken as it is, and before', '', { ...OTLP, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/in' }, 'https://traces.example.com/in'],
    ['the file wins', 'tracing: { endpoint: https://otlp.example.com/v1/traces }', OTLP, 'https://otlp.example.com/v1/traces'],
    ['what is empty is not set', '', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
    ['what is no URL is not taken', '', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, undefined],
    ['an exporter called none turns the endpoint of the environment off', '', { ...OTLP, OTEL_TRACES_EXPORTER: 'none' }, undefined],
    ['OTEL_SDK_DISABLED turns all of it off', 'tracing: { endpoint: https://otlp.example.com/v1/traces }', { ...OTLP, OTEL_SDK_DISABLED: 'true' }, undefined],
  ])('%s', (_, text, env, endpoint) => {
    expect(planOf(text, env)?.endpoint).toBe(endpoint);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is no URL with http:// or https://, so it is not used'],
    [{ ...OTLP, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'traces are sent by http/protobuf, not by grpc: the endpoint must take that'],
    [{ ...OTLP, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, null],
  ])('that ask for what there is not are named', (env, warning) => {
    expect(environmentWarning(env)).toBe(warning);
  });

  it('name the service, unless the file does, and say more of it', () => {
    const attributes = { ...OTLP, OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,deployment.environment.name=test%20bed,broken' };
    expect(planOf('', attributes)?.resource).toMatchObject({ 'service.name': 'a', 'deployment.environment.name': 'test bed' });
    expect(planOf('', { ...attributes, OTEL_SERVICE_NAME: 'b' })?.resource).toMatchObject({ 'service.name': 'b' });
    expect(planOf('tracing: { service_name: c }', { ...attributes, OTEL_SERVICE_NAME: 'b' })?.resource).toMatchObject({ 'service.name': 'c' });
    expect(planOf('', OTLP)?.resource).toMatchObject({ 'service.name': 'ainogap' });
  });
});
