#!/usr/bin/env bash
# Makes a fresh clone ready to run: ffmpeg, nats-server, the npm packages, the build. Safe to run again; what is there
# already is kept. With --with-browser it also installs Chromium, nginx and Varnish, which only the tests use; with
# --with-wrk nginx and wrk, which only bench:delivery uses.
#
# REELMESH_FFMPEG       another ffmpeg, with its ffprobe beside it
# REELMESH_NATS_SERVER  another nats-server, 2.10 or newer
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

node_minimum=20.19.0
nats_minimum=2.10.0
nats_release=trixie # Debian's first release with a nats-server that is new enough
nats_local=.tools/nats-server

missing=()
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf 'setup: %s\n' "$*"; }

# at_least VERSION MINIMUM
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Prints a command's output only when it fails.
quietly() { "$@" >"$work/output" 2>&1 || { local code=$?; cat "$work/output" >&2; return "$code"; }; }

check_node() {
  local version
  version=$(node --version 2>/dev/null | tr -d v) || true
  if [ -n "$version" ] && at_least "$version" "$node_minimum" && command -v npm >/dev/null; then return; fi
  missing+=("Node.js $node_minimum or newer with npm (found: ${version:-none}): https://nodejs.org/en/download")
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

can_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# nginx and Varnish are for the tests to start: Debian would start them as this machine's own (policy-rc.d, see
# invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
start_no_services() {
  [ ! -e "$policy" ] || return 0
  as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
  trap 'rm -rf "$work"; as_root rm -f "$policy"' EXIT
}

install_packages() {
  [ $# -gt 0 ] || return 0
  say "installing $* (apt-get)"
  case " $* " in *" nginx "* | *" varnish "*) start_no_services ;; esac
  # Another source of this machine may be out of order; the installation says whether that matters.
  as_root apt-get -qq update >"$work/update" 2>&1 || true
  quietly as_root apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 install "$@" || {
    cat "$work/update" >&2
    return 1
  }
}

# Servers stand where only root's PATH leads.
has_program() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null; }

# Debian's packages that this run needs and the machine has not.
needed_packages() {
  if [ -z "${REELMESH_FFMPEG:-}" ] && ! { command -v ffmpeg && command -v ffprobe; } >/dev/null; then echo ffmpeg; fi
  # Keeps ffmpeg from a network and from other files where it can run; a node does without.
  if [ "$(uname)" = Linux ] && can_install && ! command -v bwrap >/dev/null; then echo bubblewrap; fi
  if [ "$with_browser" = yes ] && ! command -v chromium >/dev/null; then echo chromium; fi
  if [ "$with_browser$with_wrk" != nono ] && ! has_program nginx; then echo nginx; fi
  if [ "$with_browser" = yes ] && ! has_program varnishd; then echo varnish; fi
  if [ "$with_wrk" = yes ] && ! has_program wrk; then echo wrk; fi
}

check_packages() {
  local packages package
  mapfile -t packages < <(needed_packages)
  if [ ${#packages[@]} -gt 0 ] && can_install && install_packages "${packages[@]}"; then return; fi
  for package in "${packages[@]}"; do
    [ "$package" != bubblewrap ] || continue
    missing+=("$package: apt-get install $package, as root")
  done
}

check_own_ffmpeg() {
  [ -n "${REELMESH_FFMPEG:-}" ] || return 0
  local program
  for program in "$REELMESH_FFMPEG" "$(dirname "$REELMESH_FFMPEG")/ffprobe"; do
    "$program" -version >/dev/null 2>&1 || missing+=("$program, which REELMESH_FFMPEG leads to, does not run: correct or unset it")
  done
}

nats_version() { "$1" --version 2>/dev/null | sed -n 's/^nats-server: v\([0-9.]*\).*/\1/p'; }

is_new_nats() {
  local version
  version=$(nats_version "$1") && [ -n "$version" ] && at_least "$version" "$nats_minimum"
}

# The machine's own Debian mirror first, then the one that always has everything.
mirrors() {
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Identifier: Packages' 2>/dev/null |
    sed -n 's/^Debian \(.*\/debian\)\/\{0,1\}$/\1/p' | head -n 1
  echo http://deb.debian.org/debian
}

# fetch_nats MIRROR: takes the newer release's package out of a private apt state. apt checks the archive's signature;
# nothing of the system is touched, and no root is needed.
fetch_nats() {
  local keys=/usr/share/keyrings/debian-archive-keyring.gpg state=$work/apt
  rm -rf "$state"
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/package"
  echo "deb [signed-by=$keys] $1 $nats_release main" >"$state/sources.list"
  local options=(
    -qq -o APT::Sandbox::User=root -o Acquire::Languages=none
    -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache"
  )
  (
    cd "$state/package" &&
      apt-get "${options[@]}" -o APT::Update::Error-Mode=any update &&
      apt-get "${options[@]}" download nats-server &&
      dpkg-deb -x nats-server_*.deb .
  ) >>"$work/nats.log" 2>&1 || return 1
  # Renamed into place, so that a server which runs from the old file goes on, and nobody sees half a file.
  mkdir -p "$(dirname "$nats_local")" &&
    cp "$state"/package/usr/*bin/nats-server "$nats_local.new" &&
    mv "$nats_local.new" "$nats_local"
}

check_nats() {
  if [ -n "${REELMESH_NATS_SERVER:-}" ]; then
    is_new_nats "$REELMESH_NATS_SERVER" ||
      missing+=("$REELMESH_NATS_SERVER, named by REELMESH_NATS_SERVER, is no nats-server $nats_minimum or newer: correct or unset it")
    return
  fi
  if [ -x "$nats_local" ] && is_new_nats "$nats_local"; then return; fi
  if command -v nats-server >/dev/null && is_new_nats nats-server; then return; fi
  local mirror
  if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    say "fetching nats-server from Debian $nats_release into .tools"
    for mirror in $(mirrors | uniq); do
      if fetch_nats "$mirror" && is_new_nats "$nats_local"; then return; fi
    done
    cat "$work/nats.log" >&2
  fi
  missing+=("nats-server $nats_minimum or newer: put https://nats.io/download on PATH, or name it in REELMESH_NATS_SERVER")
}

stop_if_missing() {
  [ ${#missing[@]} -gt 0 ] || return 0
  {
    echo "setup: this machine lacks"
    printf '  - %s\n' "${missing[@]}"
    echo "Then run this again."
  } >&2
  exit 1
}

# True when node_modules holds exactly what package-lock.json names; packages for other platforms may be absent.
modules_match() {
  [ -f node_modules/.package-lock.json ] && node --input-type=module -e '
    import { readFileSync } from "node:fs";
    const read = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const wanted = read("package-lock.json");
    const present = read("node_modules/.package-lock.json");
    delete wanted[""];
    const same = ([path, { integrity, optional }]) =>
      present[path] ? present[path].integrity === integrity : optional === true;
    const known = Object.keys(present).every((path) => path in wanted);
    process.exit(known && Object.entries(wanted).every(same) ? 0 : 1);
  '
}

install_modules() {
  if modules_match; then return; fi
  if [ -L node_modules ]; then # npm ci would empty the folder behind the link, under all that use it
    echo "setup: node_modules is a link to $(readlink node_modules), whose packages are not those of package-lock.json:" \
      "run npm ci where that folder is, or remove the link" >&2
    exit 1
  fi
  say "installing npm packages (npm ci)"
  quietly npm ci --no-audit --no-fund --loglevel=error
}

# Removes what was compiled from sources that are gone: mocha would still run their tests.
prune_build() {
  local compiled source
  while IFS= read -r compiled; do
    source=${compiled#dist/}
    source=${source%.map}
    [ -f "${source%.js}.ts" ] || rm "$compiled"
  done < <(find dist -name '*.js' -o -name '*.js.map')
}

# Folders count as well: theirs is the time at which a file went.
build() {
  local stamp=dist/.built
  local sources=(src test bench scripts tsconfig.json package-lock.json)
  if [ -f "$stamp" ] && [ -z "$(find "${sources[@]}" -newer "$stamp" -print -quit 2>/dev/null)" ]; then return; fi
  say "building (tsc)"
  touch "$work/started"
  node_modules/.bin/tsc -p tsconfig.json
  chmod +x dist/src/cli/main.js
  prune_build
  cp -p "$work/started" "$stamp"
}

with_browser=no
with_wrk=no
for argument in "$@"; do
  case $argument in
    --with-browser) with_browser=yes ;;
    --with-wrk) with_wrk=yes ;;
    *)
      echo "setup: unknown argument $argument; there are --with-browser and --with-wrk" >&2
      exit 2
      ;;
  esac
done

check_node
check_own_ffmpeg
check_packages
check_nats
stop_if_missing
install_modules
build
say "ready"
