/** The thread of the traces: spans are made and sent here, so that nothing of it is on the data plane's event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, TracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { createHide } from '../log/hide-secrets.ts';
import type { RequestEnd } from '../proxy/observer.ts';
import { traceRequest, type Traced } from './request-spans.ts';
import type { FromTracingWorker, ToTracingWorker, TracingWorkerStart } from './tracing-messages.ts';
import type { TracingPlan } from './tracing-plan.ts';

/** Spans that were made and not sent yet: all of one batch of requests go out in one message. */
class Gathered implements SpanProcessor {
  #spans: ReadableSpan[] = [];
  onStart(): void {
    // Nothing is known then.
  }
  onEnd(span: ReadableSpan): void {
    this.#spans.push(span);
  }
  take(): ReadableSpan[] {
    const taken = this.#spans;
    this.#spans = [];
    return taken;
  }
  forceFlush = (): Promise<void> => Promise.resolve();
  shutdown = (): Promise<void> => Promise.resolve();
}

class Exporting {
  readonly #gathered = new Gathered();
  readonly #exporter: OTLPTraceExporter;
  readonly #traced: Traced;

  constructor(plan: TracingPlan) {
    this.#exporter = new OTLPTraceExporter({ url: plan.endpoint, headers: { ...plan.headers } });
    // Whether a request is traced was decided before it came here.
    const provider = new TracerProvider({
      resource: defaultResource().merge(resourceFromAttributes({ ...plan.resource })),
      sampler: new AlwaysOnSampler(),
      spanProcessors: [this.#gathered],
    });
    this.#traced = { tracer: provider.getTracer('ainogap', plan.resource['service.version']), hide: createHide(plan.secrets), baseUrls: plan.upstreams };
  }

  /** Resolves with what went wrong, or null. */
  async export(requests: readonly RequestEnd[]): Promise<string | null> {
    for (const request of requests) traceRequest(this.#traced, request);
    const spans = this.#gathered.take();
    return new Promise((resolve) => this.#exporter.export(spans, ({ code, error }) => resolve(code === 0 ? null : (error?.message ?? 'the collector did not take them'))));
  }

  close(): Promise<void> {
    return this.#exporter.shutdown();
  }
}

function run({ plan }: TracingWorkerStart): void {
  const port = parentPort;
  if (port === null) throw new Error('this is the program of a worker thread');
  let exporting = new Exporting(plan);
  const running = new Set<Promise<void>>();
  port.on('message', (message: ToTracingWorker) => {
    switch (message.kind) {
      case 'plan':
        void exporting.close();
        exporting = new Exporting(message.plan);
        return;
      case 'requests': {
        const exported = exporting
          .export(message.requests)
          .catch((error: unknown) => String(error))
          .then((failure) => {
            running.delete(exported);
            port.postMessage({ kind: 'exported', failure } satisfies FromTracingWorker);
          });
        running.add(exported);
        return;
      }
      case 'stop':
        void Promise.all(running).then(() => port.close());
    }
  });
}

run(workerData as TracingWorkerStart);
