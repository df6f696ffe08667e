/**
 * A collector: takes OTLP over HTTP and reads the protobuf off its wire (https://protobuf.dev/programming-guides/encoding/,
 * opentelemetry-proto's trace.proto), as far as the tests look at it.
 */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export type AttributeValue = string | number | boolean | readonly AttributeValue[] | null;
export type SpanAttributes = Readonly<Record<string, AttributeValue>>;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** Ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly attributes: SpanAttributes;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly resource: SpanAttributes;
}

export interface OtlpReceiver {
  readonly endpoint: string;
  readonly spans: ReceivedSpan[];
  /** Of the requests that came. */
  readonly headers: http.IncomingHttpHeaders[];
  /** How it answers from now on; default 200. */
  status: number;
  close(): Promise<void>;
}

export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const server = http.createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      receiver.headers.push(req.headers);
      if (receiver.status === 200) receiver.spans.push(...spansOf(Buffer.concat(chunks)));
      res.writeHead(receiver.status, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: OtlpReceiver = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans: [],
    headers: [],
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

/** Wire types 0, 1, 2 and 5: a number, 8 bytes, bytes, 4 bytes. */
type Field = { readonly number: number; readonly value: bigint; readonly bytes: Buffer };

function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = Number(varint());
    const [number, type] = [tag >> 3, tag & 7];
    if (type === 0) fields.push({ number, value: varint(), bytes: Buffer.alloc(0) });
    else {
      const bytes = take(type === 1 ? 8 : type === 5 ? 4 : Number(varint()));
      fields.push({ number, value: type === 1 ? bytes.readBigUInt64LE() : 0n, bytes });
    }
  }
  return fields;
}

const all = (message: Buffer, number: number): Field[] => fieldsOf(message).filter((field) => field.number === number);
const bytesAt = (message: Buffer, number: number): Buffer => all(message, number)[0]?.bytes ?? Buffer.alloc(0);
const numberAt = (message: Buffer, number: number): bigint => all(message, number)[0]?.value ?? 0n;

function spansOf(request: Buffer): ReceivedSpan[] {
  return all(request, 1).flatMap(({ bytes: resourceSpans }) => {
    const resource = attributesOf(bytesAt(resourceSpans, 1), 1);
    return all(resourceSpans, 2).flatMap(({ bytes: scopeSpans }) => all(scopeSpans, 2).map(({ bytes }) => spanOf(bytes, resource)));
  });
}

function spanOf(span: Buffer, resource: SpanAttributes): ReceivedSpan {
  return {
    traceId: bytesAt(span, 1).toString('hex'),
    spanId: bytesAt(span, 2).toString('hex'),
    parentSpanId: bytesAt(span, 4).toString('hex'),
    name: bytesAt(span, 5).toString(),
    kind: Number(numberAt(span, 6)),
    from: Number(numberAt(span, 7)) / 1e6,
    to: Number(numberAt(span, 8)) / 1e6,
    attributes: attributesOf(span, 9),
    status: Number(numberAt(bytesAt(span, 15), 3)),
    resource,
  };
}

function attributesOf(message: Buffer, number: number): SpanAttributes {
  return Object.fromEntries(all(message, number).map(({ bytes }) => [bytesAt(bytes, 1).toString(), valueOf(bytesAt(bytes, 2))]));
}

function valueOf(any: Buffer): AttributeValue {
  const field = fieldsOf(any)[0];
  switch (field?.number) {
    case 1:
      return field.bytes.toString();
    case 2:
      return field.value === 1n;
    case 3:
      return Number(BigInt.asIntN(64, field.value));
    case 4:
      return field.bytes.readDoubleLE();
    case 5:
      return all(field.bytes, 1).map(({ bytes }) => valueOf(bytes));
    default:
      return null;
  }
}
