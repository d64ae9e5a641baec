# Shared by the scripts: sourced, never run. Sets $root, the top of the repository.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Progress goes to stderr, so that stdout stays for what was asked for.
say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }

# A sentence that says what to do, and out.
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

usage_error() {
  printf '%s: %s\nTry %s --help.\n' "$(basename "$0")" "$*" "$0" >&2
  exit 2
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "packages must be installed, which needs root: run this as root, or install sudo"
  fi
}

# Compilers at once: as many as cores, but each needs about a gigabyte.
jobs_at_once() {
  local cores memory_gb
  cores=$(nproc)
  memory_gb=$(awk '/^MemAvailable:/ {print int($2 / 1000000)}' /proc/meminfo)
  if [ "$memory_gb" -lt "$cores" ]; then cores=$memory_gb; fi
  if [ "$cores" -lt 1 ]; then cores=1; fi
  printf '%s\n' "$cores"
}

# build PRESET [TARGET...]: configures and builds build/PRESET.
build() {
  local preset=$1
  shift
  local targets=()
  if [ $# -gt 0 ]; then targets=(--target "$@"); fi
  local -a configure=(cmake --preset "$preset" -S "$root")
  if [ "$preset" = release ]; then configure+=(-DPURSER_TESTS=OFF); fi
  (cd "$root" && "${configure[@]}" >"$root/build/$preset.configure.log" 2>&1) || {
    tail -n 30 "$root/build/$preset.configure.log" >&2
    fail "the build could not be configured; the lines above say why. If a package is named, install it; if the folder was moved, remove $root/build/$preset"
  }
  (cd "$root" && NINJA_STATUS="[%f of %t, %e s] " cmake --build "build/$preset" \
    --parallel "$(jobs_at_once)" "${targets[@]}") >&2 ||
    fail "the build failed; the first error above says where. If the compiler was killed, there was too little memory: about 1 GB free is needed"
}
