#!/usr/bin/env bash
# npm run quickstart -- [--once] [film.mp4]
# Three nodes on this machine turn a film into a stream and serve it until Ctrl-C. Without a film one is generated.
# With --once: in a temporary folder, checks what each node serves, and ends with 0 when all of it is right.
#
# REELMESH_QUICKSTART_DATA  where the lasting nodes keep their data (default: ~/.reelmesh/quickstart)
set -euo pipefail
called_from=${INIT_CWD:-$PWD} # npm changes into the project's folder
cd "$(dirname "${BASH_SOURCE[0]}")/.."

refuse() {
  printf 'quickstart: %s\n' "$1" >&2
  exit 2
}

once=()
film=()
for argument in "$@"; do
  case $argument in
    --once) once=(--once) ;;
    -h | --help)
      sed -n '2,4s/^# //p' scripts/quickstart.sh
      exit 0
      ;;
    -*) refuse "unknown option $argument; use: npm run quickstart -- [--once] [film.mp4]" ;;
    *)
      [ ${#film[@]} = 0 ] || refuse "one film at a time, but two were given: ${film[0]} and $argument"
      case $argument in /*) film=("$argument") ;; *) film=("$called_from/$argument") ;; esac
      [ -e "${film[0]}" ] || refuse "there is no file ${film[0]}; give a video file, or none to have one generated"
      [ ! -d "${film[0]}" ] || refuse "${film[0]} is a folder; give one video file in it"
      [ -f "${film[0]}" ] || refuse "${film[0]} is not a regular file; give a video file"
      [ -r "${film[0]}" ] || refuse "${film[0]} may not be read by $(id -un); change its permissions"
      [ -s "${film[0]}" ] || refuse "${film[0]} is empty; give a video file"
      ;;
  esac
done

bash scripts/setup.sh
exec node dist/scripts/quickstart.js "${once[@]}" -- "${film[@]}"
