#!/usr/bin/env bash
# Make a virtual environment that holds meetwire and exactly what the locks say: `venv.sh FOLDER LOCK…`.
#
# Every package is checked against a hash. Where the folder is there already, only what has changed is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
shift

stop() {
  printf 'meetwire: %s\n' "$*" >&2
  exit 1
}

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  return 1
}

# Debian keeps the venv module's pip in a package of its own.
need_venv() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null && return
  local package told
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
    stop "Python's venv module is missing: install it (Debian: apt-get install $package)"
  fi
  echo "meetwire: installing Debian's $package"
  apt-get update -qq
  export DEBIAN_FRONTEND=noninteractive
  told=$(apt-get install -qq -y --no-install-recommends "$package" 2>&1) || stop "$told"
}

python=$(find_python) || stop "Python 3.11 or newer is missing: install it (Debian 12: apt-get install python3)"
need_venv

locks=()
for name in "$@"; do
  locks+=(--requirement "requirements/$name.txt")
done
pip=("$folder/bin/python" -m pip --quiet --disable-pip-version-check)

echo "meetwire: installing $* into $folder"
[[ -x $folder/bin/python ]] || "$python" -m venv "$folder"
"${pip[@]}" install --use-pep517 --require-hashes "${locks[@]}"
"${pip[@]}" install --no-build-isolation --no-deps --editable .
touch "$folder/ready"
