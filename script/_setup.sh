# Sourced by the other scripts: a Python, uv, the virtual environment and the message catalogues, each only when needed.
# Once everything is in place no network is used.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export UV_PYTHON_DOWNLOADS=never PYTHONUTF8=1
unset PYTHONDONTWRITEBYTECODE # compiled once, every later start takes a second less
# uv trusts its own list of authorities unless told to use the machine's, which knows the proxy of a firm or a lab.
if [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/pki/tls/certs/ca-bundle.crt ]; then
  export UV_SYSTEM_CERTS=1
fi
_began=$(date +%s%N)

# One line per step, with the seconds since the script began.
say() {
  local ms=$(( ($(date +%s%N) - _began) / 1000000 ))
  printf '%4d.%01d s  %s\n' $(( ms / 1000 )) $(( ms % 1000 / 100 )) "$*" >&2
}

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit 1
}

_suitable() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

# The real executable of $PYTHON, or of the first Python 3.11, 3.12 or 3.13 that runs.
_find_python() {
  local candidate
  if [ -n "${PYTHON:-}" ]; then
    _suitable "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 that runs."
    candidate=$PYTHON
  else
    for candidate in python3.12 python3.13 python3.11 python3 /usr/bin/python3 none; do
      _suitable "$candidate" && break
    done
    [ "$candidate" != none ] || fail "needs Python 3.11, 3.12 or 3.13; install one, or name it with PYTHON=/path/to/python."
  fi
  "$candidate" -c 'import sys; print(sys.executable)'
}

# $uv: the one on PATH, or one of our own in .bootstrap.
_find_uv() {
  local python=$1
  if command -v uv >/dev/null 2>&1; then
    uv=uv
    return
  fi
  uv=.bootstrap/bin/uv
  "$uv" --version >/dev/null 2>&1 && return
  rm -rf .bootstrap
  if "$python" -m venv .bootstrap >.bootstrap.log 2>&1; then
    .bootstrap/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt ||
      fail "uv could not be installed (see above); is the package index reachable?"
  elif "$python" -m pip --version >/dev/null 2>&1; then
    rm -rf .bootstrap
    "$python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt --target .bootstrap ||
      fail "uv could not be installed (see above); is the package index reachable?"
  else
    cat .bootstrap.log >&2
    rm -rf .bootstrap .bootstrap.log
    fail "$python has neither venv nor pip. Install them (Debian: apt install python3-venv), or put uv on PATH."
  fi
  rm -f .bootstrap.log
  say "uv installed in .bootstrap"
}

# _sync FILE: the virtual environment holds exactly the packages of that hashed file.
_sync() {
  local file=$1 python uv
  python=$(_find_python)
  _find_uv "$python"
  if ! { [ -x .venv/bin/python ] && _suitable .venv/bin/python && _same_python "$python"; }; then
    rm -rf .venv
    "$uv" venv -q --no-project -p "$python" .venv || fail "the virtual environment could not be made."
    say "virtual environment made with $("$python" -V)"
  fi
  rm -f .venv/canut-*
  "$uv" pip sync -q --require-hashes -p .venv/bin/python "$file" ||
    fail "the packages of $file could not be installed (see above). The first set-up needs a package index; later runs need no network."
  _fingerprint "$file" >".venv/canut-$file"
  say "packages of $file installed"
}

_same_python() {
  [ -z "${PYTHON:-}" ] || [ "$("$1" -c 'import sys; print(sys.version_info[:2])')" = "$(.venv/bin/python -c 'import sys; print(sys.version_info[:2])')" ]
}

_fingerprint() {
  cksum <"$1"
}

_installed() {
  local file=$1
  [ "$(cat ".venv/canut-$file" 2>/dev/null)" = "$(_fingerprint "$file")" ] && .venv/bin/python -c '' 2>/dev/null &&
    { [ -z "${PYTHON:-}" ] || _same_python "$PYTHON"; }
}

# The .mo files beside the .po files, without the system's gettext.
_compile_catalogues() {
  local po stale=
  for po in frontend/locale/*/LC_MESSAGES/django.po; do
    [ -f "$po" ] && [ "$po" -nt "${po%.po}.mo" ] && stale=yes
  done
  [ -z "$stale" ] || { .venv/bin/pybabel -q compile -d frontend/locale -D django && say "message catalogues compiled"; }
}

# set_up run|develop: what running needs, or what testing needs too.
set_up() {
  if command -v flock >/dev/null 2>&1; then
    mkdir -p var
    exec 9>var/setup.lock
    flock 9
  fi
  # Where the tests were set up once, their packages stay.
  if [ "$1" = develop ] || [ -f .venv/canut-requirements-dev.txt ]; then
    _installed requirements-dev.txt || _sync requirements-dev.txt
  else
    _installed requirements.txt || _sync requirements.txt
  fi
  _compile_catalogues
  exec 9>&-
}
