#!/usr/bin/env bash
# npm run demo: a miniature of the homelab on this machine's Docker, from nothing to nothing. See test/lab/demo.ts.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh
exec node --import tsx test/lab/demo.ts "$@"
