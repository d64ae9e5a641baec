# What Debian 12 must bring, and how it is installed. Sourced after common.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the lists are for those who source this

# To build and run `purser`. libboost1.81-dev, since Debian's plain libboost-dev is 1.74.
build_packages=(
  ca-certificates cmake curl g++ ninja-build pkg-config tzdata
  libboost1.81-dev libboost-url1.81-dev libcli11-dev libcurl4-openssl-dev libfmt-dev
  libhowardhinnant-date-dev libsimdjson-dev libsodium-dev libspdlog-dev libsqlite3-dev
  libssl-dev libtcmalloc-minimal4 libtomlplusplus-dev
)

# To test, in addition.
test_packages=(
  chromium clang-14 clang-format-14 git libclang-rt-14-dev libgmock-dev libgtest-dev librapidcheck-dev
  nginx-light openssl procps python3 python3-venv shellcheck sqlite3 strace
  xz-utils
)

missing_packages() {
  local package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" != 'ii ' ]; then
      printf '%s\n' "$package"
    fi
  done
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"
}

# Says what apt is about to do: how many packages, how large, and what it would remove.
describe_installation() {
  local plan sizes
  plan=$(apt-get -s --no-install-recommends install "$@" 2>&1) || {
    printf '%s\n' "$plan" >&2
    fail "apt cannot install these together; the lines above say what is in the way"
  }
  sizes=$(apt-get --print-uris -y --no-install-recommends install "$@" 2>/dev/null |
    awk '/^'"'"'/ {sum += $3} END {printf "%d", sum / 1000000}')
  say "apt-get will install $(grep -c '^Inst ' <<<"$plan") packages (${sizes:-0} MB to download):"
  awk '/^Inst / {printf "%s ", $2}' <<<"$plan" | fold -s -w 96 | sed 's/^/  /' >&2
  say ""
  if grep -q '^Remv ' <<<"$plan"; then
    say "and REMOVE: $(awk '/^Remv / {printf "%s ", $2}' <<<"$plan")"
  fi
}

# install_packages YES PACKAGE...: installs those that are missing; asks unless YES is 1, or CI is
# true, or nobody is there to answer.
install_packages() {
  local yes=$1 answer
  shift
  command -v apt-get >/dev/null ||
    fail "this is no Debian: install what CONTRIBUTING.md lists, then build with cmake as it says"
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  if [ "${#missing[@]}" = 0 ]; then return; fi
  if [ "${CI:-}" = true ] || [ ! -t 0 ]; then yes=1; fi

  step "Missing: ${missing[*]}"
  if ! apt-cache show "${missing[@]}" >/dev/null 2>&1; then
    say "apt's lists are empty or old: running apt-get update first"
    apt_get update -q >&2 || fail "apt-get update failed; check the network and /etc/apt/sources.list"
    apt-cache show "${missing[@]}" >/dev/null 2>&1 ||
      fail "this system's apt does not know all of them; Purser is made for Debian 12 (bookworm)"
  fi
  describe_installation "${missing[@]}"
  if [ "$yes" != 1 ]; then
    read -r -p "Go on? [Y/n] " answer
    case $answer in
    '' | y | Y | yes) ;;
    *) fail "nothing was installed; install the packages above yourself, then run this again" ;;
    esac
  fi
  apt_get install -y -q --no-install-recommends "${missing[@]}" >&2 ||
    fail "apt-get install failed; the lines above say why. If a download failed, run this again; if dpkg was interrupted: dpkg --configure -a"
}
