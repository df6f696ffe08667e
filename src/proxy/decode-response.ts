/** Decodes a response that came compressed although identity was asked for, so that the meter can read it. */
import type { IncomingHttpHeaders } from 'node:http';
import * as zlib from 'node:zlib';
import type { UpstreamFailure } from '../upstreams/upstream.ts';
import type { Relay } from './relay.ts';

/** No answer is as long as this; what is, is an attack. */
const DECODED_BYTES_MAX = 64 * 1024 * 1024;

const DECODERS: Readonly<Record<string, () => zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress | zlib.ZstdDecompress>> = {
  gzip: () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
  zstd: () => zlib.createZstdDecompress(),
};

/** Several headers are joined (undici gives them as a list), so that a body encoded twice is not taken for one. */
function encodingOf(headers: IncomingHttpHeaders): string {
  return String(headers['content-encoding'] ?? '').toLowerCase();
}

export function isEncoded(headers: IncomingHttpHeaders): boolean {
  if (headers['content-encoding'] === undefined) return false;
  return encodingOf(headers) !== '' && encodingOf(headers) !== 'identity';
}

/**
 * A relay that decodes and hands on; the client gets the decoded bytes, without the header. `onFault` is told what the
 * relay throws, for behind a decoder no caller catches it: the process would end.
 */
export function decodingReceiver(headers: IncomingHttpHeaders, relay: Relay, onFault: (error: unknown) => void): Relay {
  const encoding = encodingOf(headers);
  const create = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!create) return failing(relay, `the content-encoding "${encoding.slice(0, 40)}" is not understood`);
  const decoder = create();
  let size = 0;
  let over = false;
  const guarded = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      over = true;
      decoder.destroy();
      onFault(error);
    }
  };
  const fail = (failure: UpstreamFailure): void => {
    if (over) return;
    over = true;
    decoder.destroy();
    guarded(() => relay.onFailure(failure));
  };
  decoder.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > DECODED_BYTES_MAX) fail(undecodable(new Error('the decoded response is too large')));
    else if (!over) guarded(() => relay.onData(chunk));
  });
  decoder.on('error', (error) => fail(undecodable(error)));
  decoder.on('end', () => {
    if (over) return;
    over = true;
    guarded(() => relay.onEnd());
  });
  return {
    onData: (chunk) => void (over || decoder.write(chunk)),
    onEnd: () => void (over || decoder.end()),
    onFailure(failure: UpstreamFailure) {
      // What was decoded so far goes first, for it may hold the usage.
      if (!over) decoder.flush(() => fail(failure));
    },
    onClientGone: () => relay.onClientGone(),
  };
}

const undecodable = (error: Error): UpstreamFailure => ({ kind: 'encoding', retryable: false, error });

function failing(relay: Relay, words: string): Relay {
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    relay.onFailure(undecodable(new Error(words)));
  };
  return { onData: () => undefined, onEnd: tell, onFailure: tell, onClientGone: () => relay.onClientGone() };
}
