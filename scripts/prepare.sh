#!/usr/bin/env bash
# Makes a fresh clone ready for the demo and the tests: npm packages, a Docker Engine, the built program.
set -euo pipefail
cd "$(dirname "$0")/.."
node scripts/require-node.cjs

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo 'setup: installing the npm packages of package-lock.json'
  npm ci --no-audit --no-fund --loglevel=error
fi
bash scripts/setup-engine.sh
npm run --silent build
