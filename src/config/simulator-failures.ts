/** In which ways the simulator can fail on purpose. */
export const SIMULATOR_FAILURES = ['none', 'status', 'cut', 'stall', 'malformed_usage', 'wrong_model'] as const;
export type SimulatorFailure = (typeof SIMULATOR_FAILURES)[number];
