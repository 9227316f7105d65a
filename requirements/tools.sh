#!/usr/bin/env bash
# See that the programs which the tests need are there: Java, Maven, Node.js with npm, kcat, strace.
#
# What is missing is installed where this is Debian and the user is root; anywhere else one line says what is
# missing and how to get it, and nothing is done.
set -euo pipefail

has_java() {
  local version
  version=$(java -version 2>&1) || return 1
  [[ $version =~ \"([0-9]+) && ${BASH_REMATCH[1]} -ge 17 ]]
}

has_node() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  [[ $version =~ ^v([0-9]+) && ${BASH_REMATCH[1]} -ge 18 ]] && command -v npm >/dev/null
}

missing=()
packages=()

need() {
  local what=$1
  shift
  missing+=("$what")
  packages+=("$@")
}

# The newest that a release of Debian has.
java_package() {
  local package
  for package in openjdk-21-jre-headless openjdk-17-jre-headless; do
    if [[ -n $(apt-cache search --names-only "^$package\$" 2>/dev/null) ]]; then break; fi
  done
  echo "$package"
}

look() {
  missing=()
  packages=()
  has_java || need "Java 17 or newer" "$(java_package)"
  command -v mvn >/dev/null || need Maven maven
  has_node || need "Node.js 18 or newer with npm" nodejs npm
  command -v kcat >/dev/null || need kcat kcat
  command -v strace >/dev/null || need strace strace
}

say_missing() {
  local list
  list=$(printf ', %s' "${missing[@]}")
  echo "meetwire: the tests need ${list:2}: install it (Debian: apt-get install ${packages[*]})" >&2
  exit 1
}

look
if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then say_missing; fi
apt-get update -qq
look
echo "meetwire: installing Debian's ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
told=$(apt-get install -qq -y --no-install-recommends "${packages[@]}" 2>&1) || echo "$told" >&2
look
if [[ ${#missing[@]} -gt 0 ]]; then say_missing; fi
