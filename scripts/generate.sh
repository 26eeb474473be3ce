#!/usr/bin/env bash
# Writes src/gen from proto/: the TypeScript types of every message and service. The output is committed;
# `npm run check` fails when it is out of date.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-src/gen}
rm -rf "$out"
npx --no-install proto-loader-gen-types --longs=Number --enums=String --defaults --oneofs --includeComments \
  --grpcLib=@grpc/grpc-js --importFileExtension=.js --includeDirs=proto --outDir="$out" \
  reelmesh/v1/coordinator.proto reelmesh/v1/jobs.proto reelmesh/v1/node.proto reelmesh/v1/log.proto >/dev/null
