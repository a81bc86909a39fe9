#!/usr/bin/env bash
# npm test: everything. Types, lint, format, dead code, unit tests, then the scenarios on a real Docker Engine.
# Ends with one line that counts what ran, and with 1 if anything failed.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/prepare.sh

results=.lab/results
rm -rf "$results"
mkdir -p "$results"

status=0
node scripts/check.mjs --results "$results" || status=1
npm run --silent scenarios -- --reporter=default --reporter=json --outputFile.json="$results/scenarios.json" || status=1
node scripts/count-results.mjs "$results" || status=1
exit "$status"
