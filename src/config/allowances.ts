/** Features that cannot be metered and are refused unless the operator allows them, at the operator's risk. */
export const ALLOWANCES = ['code_execution', 'container', 'mcp_servers', 'skills', 'advisor', 'fallbacks', 'files'] as const;
export type Allowance = (typeof ALLOWANCES)[number];
