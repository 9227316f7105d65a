#!/usr/bin/env bash
# Write the four locks beside this script from pyproject.toml. `lock.sh PIP_COMPILE [--upgrade]`.
#
#   runtime.txt  what meetwire imports: the image, the demo
#   extras.txt   what its extras import besides: the demo has them all
#   build.txt    what its wheel is built with
#   dev.txt      both, and what the tests and checks need
#
# Hashes for every wheel of a version, so one lock does for all Pythons and machines; no address of an index, so
# that each reader's own pip settings say where packages come from.
set -euo pipefail
cd "$(dirname "$0")/.."

pip_compile=$1
shift
options=(
  --quiet --generate-hashes --allow-unsafe --strip-extras --annotation-style=line
  --no-header --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
)

everything() {
  "$(dirname "$pip_compile")/python" - <<'PYTHON'
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())
extras = project["project"]["optional-dependencies"].values()
needs = [project["project"]["dependencies"], *extras, project["dependency-groups"]["dev"]]
print(*(need for several in needs for need in several), sep="\n")
PYTHON
  grep -o '^[^ ]*==[^ ]*' requirements/build.txt
}

lock() {
  local name=$1
  shift
  "$pip_compile" "${options[@]}" "$@" --output-file "requirements/$name.txt"
}

lock runtime "$@" pyproject.toml
lock extras "$@" --all-extras --constraint requirements/runtime.txt pyproject.toml
lock build "$@" --build-deps-for wheel --build-deps-for editable --only-build-deps \
  --constraint requirements/runtime.txt pyproject.toml
everything | lock dev "$@" --constraint requirements/runtime.txt -
sed -i -e 's/ -c requirements\/[a-z]*\.txt,//; s/-r -/meetwire/' requirements/*.txt
