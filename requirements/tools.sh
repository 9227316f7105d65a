#!/usr/bin/env bash
# See that the programs which the tests need are there: Java, Maven, Node.js with npm, Go, kcat, strace, Chromium with
# a Chinese font, Prometheus and its Alertmanager.
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

has_chromium() {
  command -v chromium >/dev/null
}

# Any will do: without one the browser draws boxes, and nobody can look at a screenshot.
has_chinese() {
  [[ -n $(fc-list :lang=zh-cn family 2>/dev/null) ]]
}

# From 1.21 on, Go fetches by itself whatever newer Go a program asks for.
new_enough_go() {
  [[ $1 =~ ([0-9]+)\.([0-9]+) ]] && ((BASH_REMATCH[1] > 1 || BASH_REMATCH[2] >= 21))
}

has_go() {
  local version
  version=$(go version 2>/dev/null) && new_enough_go "$version"
}

missing=()
packages=()
# Whether something is missing that Debian's packages would not bring.
elsewhere=

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

debians_go() {
  apt-cache show golang-go 2>/dev/null | sed -n 's/^Version: [0-9]*://p'
}

# Debian calls it otherwise than its makers do.
has_alertmanager() {
  command -v prometheus-alertmanager >/dev/null || command -v alertmanager >/dev/null
}

# Debian 12 has Go 1.19, which is too old.
need_go() {
  if command -v apt-cache >/dev/null && ! new_enough_go "$(debians_go)"; then
    missing+=("Go 1.21 or newer (there is no such package here: see https://go.dev/dl)")
    elsewhere=yes
  else
    need "Go 1.21 or newer" golang-go
  fi
}

look() {
  missing=()
  packages=()
  has_java || need "Java 17 or newer" "$(java_package)"
  command -v mvn >/dev/null || need Maven maven
  has_node || need "Node.js 18 or newer with npm" nodejs npm
  has_go || need_go
  command -v kcat >/dev/null || need kcat kcat
  command -v strace >/dev/null || need strace strace
  command -v promtool >/dev/null || need promtool prometheus
  has_alertmanager || need Alertmanager prometheus-alertmanager
  has_chromium || need Chromium chromium
  has_chinese || need "a Chinese font" fonts-wqy-microhei fontconfig
}

say_missing() {
  local list
  list=$(printf ', %s' "${missing[@]}")
  local hint=
  if [[ ${#packages[@]} -gt 0 ]]; then hint=" (Debian: apt-get install ${packages[*]})"; fi
  echo "meetwire: the tests need ${list:2}: install it$hint" >&2
  exit 1
}

look
if [[ ${#missing[@]} == 0 ]]; then exit 0; fi
if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then say_missing; fi
apt-get update -qq
look
if [[ -n $elsewhere ]]; then say_missing; fi
echo "meetwire: installing Debian's ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
told=$(apt-get install -qq -y --no-install-recommends "${packages[@]}" 2>&1) || echo "$told" >&2
look
if [[ ${#missing[@]} -gt 0 ]]; then say_missing; fi
