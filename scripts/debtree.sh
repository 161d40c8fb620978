#!/usr/bin/env bash
# debtree.sh SUITE DESTINATION PACKAGE...
#
# Unpacks programs of another Debian suite, with all libraries they need, into a folder of their own: nothing is
# installed, nothing on this machine changes. The programs run in place, as any user. Example:
#
#   scripts/debtree.sh trixie /var/cache/holdfast-test/pg17 postgresql-17 postgresql-client-17
#
# A tree is bound to its path (its programs name their loader and libraries absolutely). JIT, PL/Perl, PL/Python and
# PL/Tcl are left out. Packages are verified by apt against Debian's archive key, as everywhere.
set -euo pipefail
export LC_ALL=C
umask 022
suite=$1
destination=$(realpath -m "$2")
shift 2
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

for tool in apt-get dpkg-deb patchelf; do
  command -v "$tool" >/dev/null || { echo "debtree: $tool is missing" >&2; exit 1; }
done
[ -r "$keyring" ] || { echo "debtree: $keyring is missing (package debian-archive-keyring)" >&2; exit 1; }

# The mirror this machine already uses, so that a proxy or a local mirror keeps working; another distribution has to name one.
mirror() {
  local found=${HOLDFAST_DEBIAN_MIRROR:-}
  [ -z "$found" ] || { echo "$found"; return; }
  found=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\).*/\1/p' | grep -E '/debian/?$' | head -n 1 || true)
  [ -n "$found" ] || found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -nE 's/^deb( \[[^]]*\])? ([^ ]*).*/\2/p' | grep -E '/debian/?$' | head -n 1 || true)
  [ -n "$found" ] || { echo 'debtree: no Debian mirror is configured here: set HOLDFAST_DEBIAN_MIRROR to the address of one' >&2; return 1; }
  echo "$found"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$destination"
mkdir -p "$work"/{lists/partial,cache/archives/partial,debs} "$destination"
address=$(mirror)
echo "deb [signed-by=$keyring] $address $suite main" > "$work/sources.list"
: > "$work/status"
cat > "$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "-"; Dir::State::lists "$work/lists"; Dir::State::status "$work/status";
Dir::Cache "$work/cache"; Acquire::Languages "none"; APT::Install-Recommends "0"; APT::Sandbox::User "$(id -un)"; Acquire::Retries "3";
CONF
export APT_CONFIG=$work/apt.conf
apt-get -qq update

# An empty package status makes apt name everything the packages need; only they and the libraries are taken.
wanted=$(printf '|%s' "$@")
mapfile -t packages < <(apt-get -y -s install "$@" | awk '/^Inst/ {print $2}' | grep -E "^(lib.*$wanted)\$" |
  grep -vE '^(libllvm|libz3|libperl|libpython|libtcl|libsystemd-shared|libdebconf|libdb5)')
(cd "$work/debs" && apt-get -qq download "${packages[@]}")
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$destination"; done

# Older suites keep libraries in /lib; one place is enough.
for folder in lib lib64; do
  if [ -d "$destination/$folder" ] && [ ! -L "$destination/$folder" ]; then
    mkdir -p "$destination/usr/$folder"
    cp -a "$destination/$folder/." "$destination/usr/$folder/"
    rm -rf "${destination:?}/$folder"
  fi
done
rm -rf "$destination"/usr/share/{doc,man,locale,lintian,bug} "$destination"/usr/lib/postgresql/*/lib/{llvmjit*,bitcode}

libraries=$destination/usr/lib/$(uname -m)-linux-gnu
loader=$(find "$libraries" "$destination/usr/lib" "$destination/usr/lib64" -maxdepth 1 -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
[ -n "$loader" ] || { echo "debtree: no loader in $destination" >&2; exit 1; }
find "$destination/usr" -type f -perm /111 \( -path '*/bin/*' -o -path '*/sbin/*' \) | while read -r file; do
  if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$file"
  fi
done
# A library that names a path of its own would not look in ours.
find "$libraries" -name '*.so*' -type f | while read -r file; do
  if [ -n "$(patchelf --print-rpath "$file" 2>/dev/null)" ]; then
    patchelf --force-rpath --set-rpath "$libraries" "$file"
  fi
done
chmod -R go+rX "$destination"
