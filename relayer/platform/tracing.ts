import { type Attributes, context, propagation, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Telemetry } from "bullmq";
import { z } from "zod";
import { explain } from "../domain/errors.ts";

/** The name under which every span of ours is made. */
const TRACER = "dchat";

/** Traces of one process. */
export type Tracing = {
  /** What queues carry traces with. */
  readonly telemetry: Telemetry;
  /** Sends what is left, and ends. */
  readonly close: () => Promise<void>;
};

/**
 * Sends traces of this process to a collector (OTLP over HTTP). Until this is called, {@link inSpan} makes none and costs nothing.
 * @param url the collector's base, such as http://127.0.0.1:4318
 */
export async function startTracing(url: string, role: string): Promise<Tracing> {
  // Loaded here alone: nobody else should pay for it.
  const [
    sdk,
    { OTLPTraceExporter },
    { AsyncLocalStorageContextManager },
    { resourceFromAttributes },
    otel,
    core,
  ] = await Promise.all([
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/context-async-hooks"),
    import("@opentelemetry/resources"),
    import("bullmq-otel"),
    import("@opentelemetry/core"),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${url.replace(/\/$/, "")}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ "service.name": `dchat-${role}`, "service.namespace": "dchat" }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return { telemetry: new otel.BullMQOtel({ tracerName: TRACER }), close: () => provider.shutdown() };
}

/** Does `work` inside a span, which ends with it. */
export function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return trace.getTracer(TRACER).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: explain(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

const aboutMessage = z.looseObject({ messageId: z.string() });
const aboutPoint = z.looseObject({ point: aboutMessage });

/** Writes on the span of a job which message it is about, if it is about one. */
export function nameMessage(data: unknown): void {
  const span = trace.getActiveSpan();
  if (span === undefined) return;
  const messageId =
    aboutMessage.safeParse(data).data?.messageId ?? aboutPoint.safeParse(data).data?.point.messageId;
  if (messageId !== undefined) span.setAttribute("dchat.message_id", messageId);
}
