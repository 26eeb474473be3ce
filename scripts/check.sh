#!/usr/bin/env bash
# Everything that can be said about the sources without running them. Runs all parts, then names those that failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ -d node_modules ] || { echo "check: run npm run setup first, the tools are not installed" >&2; exit 1; }
export PATH=$PWD/node_modules/.bin:$PATH

if [ -t 1 ]; then colours=force; else colours=off; fi
failed=()

# part NAME COMMAND...: the output is shown only when it fails.
part() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok      $name"
  else
    printf '%s\nFAILED  %s\n' "$output" "$name"
    failed+=("$name")
  fi
}

# generate.sh writes below the project, since it finds its tools and proto/ there.
generated() {
  local fresh=dist-generated code=0
  bash scripts/generate.sh "$fresh" && diff -r "$fresh" src/gen || code=1
  rm -rf "$fresh"
  if [ "$code" != 0 ]; then echo "src/gen is not what proto/ gives: run npm run generate"; fi
  return "$code"
}

part "format, lint and layers (biome)" biome check --error-on-warnings --max-diagnostics=100 --colors="$colours" .
part "types (tsc)" tsc -p tsconfig.json --noEmit
part "generated code (proto)" generated
part "unused files, exports and packages (knip)" knip

if [ ${#failed[@]} -gt 0 ]; then
  echo "check: ${#failed[@]} of 4 parts failed" >&2
  exit 1
fi
