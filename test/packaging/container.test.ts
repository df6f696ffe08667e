/** What can be told of the container image without a container engine. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../support/product.ts';

const read = (name: string): string => fs.readFileSync(path.join(PROJECT, name), 'utf8');
/** Instructions with their continuation lines, without comments. */
const instructions = read('Dockerfile').replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ').split('\n').filter((line) => line.trim() !== '');
const ofLastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
const last = (name: string): string | undefined => ofLastStage.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);

describe('the Dockerfile', () => {
  it('makes an image of the program and its libraries alone, for a user without rights who writes below /data only', () => {
    expect(ofLastStage[0]).toBe('FROM scratch');
    expect(ofLastStage.filter((line) => line.startsWith('COPY '))).toEqual(['COPY --from=base /image/ /', 'COPY --from=program /ainogap /ainogap', 'COPY LICENSE /usr/share/doc/ainogap/copyright']);
    expect([last('USER'), last('VOLUME')]).toEqual(['65532:65532', '/data']);
    expect(last('ENV')).toMatch(/HOME=\/data +AINOGAP_CONFIG=\/data\/config\.yaml +AINOGAP_CACHE_DIR=\/data\/cache +CREDENTIALS_DIRECTORY=\/run\/secrets/);
    expect(ofLastStage.some((line) => line.startsWith('RUN '))).toBe(false);
  });

  it('asks the program itself for its health, stops it by SIGTERM and serves', () => {
    expect(last('HEALTHCHECK')).toMatch(/CMD \["\/ainogap", "health"\]$/);
    expect([last('STOPSIGNAL'), last('EXPOSE'), last('ENTRYPOINT'), last('CMD')]).toEqual(['SIGTERM', '8787', '["/ainogap"]', '["serve", "--host", "0.0.0.0"]']);
  });

  it('has a pinned base that a digest can pin further, takes no secret and nothing that floats', () => {
    expect(instructions.slice(0, 3)).toEqual(['ARG DEBIAN_TAG=12-slim', 'ARG DEBIAN_DIGEST=', 'FROM debian:${DEBIAN_TAG}${DEBIAN_DIGEST:+@${DEBIAN_DIGEST}} AS base']);
    expect(instructions.join('\n')).not.toMatch(/latest|\bADD\b|https?:|(?:API_?KEY|TOKEN|SECRET|PASSWORD)\s*=/i);
  });

  it('is given nothing else of this folder: all that it copies, and no more', () => {
    const copied = instructions.flatMap((line) => /^COPY (?!--from)(?:--\S+ )?(\S+)/.exec(line)?.[1] ?? []);
    const allowed = read('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(allowed[0]).toBe('*');
    expect(allowed.slice(1).map((line) => line.replace(/^!/, '')).toSorted()).toEqual(copied.toSorted());
  });
});

describe('the compose file', () => {
  const { services, secrets } = parse(read('packaging/compose.yaml')) as { services: { ainogap: Record<string, unknown> }; secrets: unknown };

  it('runs the image of this version without rights, on a read-only file system, for this machine alone, and lets it stop in order', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(services.ainogap).toMatchObject({ image: `ainogap:${version}`, read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], ports: ['127.0.0.1:8787:8787'], stop_grace_period: '35s' });
    expect(secrets).toEqual({ anthropic: { file: './secrets/anthropic' } });
  });
});
