import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes, sockets and fsyncs on small machines: generous limits, never a timed assertion.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One more than the cores of a small machine: much of the time is spent waiting for processes.
    maxWorkers: 3,
  },
});
