#!/usr/bin/env bash
# Prepares the image, once, as root: Python, the pinned packages, the grader. Submissions run as users that need no entry
# anywhere (60000 and up), so none is made. For base images of Ubuntu (22.04 or newer) and Debian (12 or newer).
set -euo pipefail

ROOT=${CHAINRULE_ROOT:-/autograder}
VENV=${CHAINRULE_VENV:-/opt/chainrule}
TORCH_INDEX=${CHAINRULE_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
SOURCE=$ROOT/source
export DEBIAN_FRONTEND=noninteractive PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

try() { # try COMMAND...: three times at most, with a pause between
  local attempt
  for attempt in 1 2 3; do
    "$@" && return 0
    echo "setup.sh: attempt $attempt of 3 failed: $*" >&2
    if [ "$attempt" -lt 3 ]; then sleep $((attempt * 5)); fi
  done
  return 1
}

say() { echo "setup.sh: $*"; }

command -v apt-get >/dev/null || { say "this needs a base image of Ubuntu or Debian: choose one in the settings" >&2; exit 1; }

# What is closed stays closed, in every layer of the image: submissions run as other users.
umask 022
mkdir -p "$ROOT/results"
chmod -R go= "$SOURCE" "$ROOT/results"

try apt-get update
try apt-get install -y --no-install-recommends ca-certificates libseccomp2 python3
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  python=python3.11 # Ubuntu 22.04 has it beside its own 3.10, in universe
fi
try apt-get install -y --no-install-recommends "$python" "$python-venv"
rm -rf /var/lib/apt/lists/*
say "Python: $("$python" --version)"

"$python" -m venv "$VENV"
pip() { "$VENV/bin/python" -m pip --timeout 60 --retries 2 "$@"; }

# The usual index has torch with several GB of GPU libraries, which no container of Gradescope can use.
torch=$(grep -m 1 '^torch[=><~! ]' "$SOURCE/requirements.txt")
if ! try pip install --no-deps --index-url "$TORCH_INDEX" "$torch"; then
  say "the index of CPU builds cannot be reached: torch comes from the usual index, which may be large" >&2
fi
try pip install --requirement "$SOURCE/requirements.txt"
try pip install --no-deps "$SOURCE"/chainrule-*.whl

# One run with the solution, outside of Gradescope's folders: the log says whether this image can grade, and fonts and the
# like are found once, not in every container. An image that cannot isolate while it is built may still do so when it runs.
"$VENV/bin/python" -I -m autograder.cli gradescope --root "$ROOT" --rehearse ||
  say "the rehearsal did not go well; see above" >&2
say "done"
