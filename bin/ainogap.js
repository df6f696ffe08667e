#!/usr/bin/env node
// Plain old JavaScript on purpose: an old Node must get far enough to be told that it is old.
// better-sqlite3 13 does not fail on Node 20, it crashes (segmentation fault).
var version = process.versions.node.split('.');
var major = Number(version[0]);
var minor = Number(version[1]);

function stop(message) {
  console.error(message);
  process.exit(1);
}

if (major < 22 || (major === 22 && minor < 19)) {
  stop('error: ainogap needs Node 22.19 or newer; this is ' + process.versions.node + '.');
} else {
  import('../dist/ainogap.cjs').catch(function (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND' && /ainogap\.cjs/.test(error.message)) {
      stop('error: ainogap is not built yet.\n  npm run build');
    }
    throw error;
  });
}
