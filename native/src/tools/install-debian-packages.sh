#!/bin/sh
# Installs the Debian packages named as arguments and starts none of their services, now or at the next boot.
# Needs root. The mesh runs their programs itself, under a directory of its own.
set -eu

policy=/usr/sbin/policy-rc.d
marker='# microshop-mesh: only while its packages are installed'
export DEBIAN_FRONTEND=noninteractive

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# the packages that were not there: where one was installed before, its service is wanted
new=''
for package in "$@"; do
  installed "$package" || new="$new $package"
done

# a policy of the machine's own stays as it is; one that a killed run of this script left does not count
if [ ! -e "$policy" ] || grep -qF "$marker" "$policy"; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\n%s\nexit 101\n' "$marker" >"$policy"
  chmod 755 "$policy"
fi

refresh() {
  echo 'mesh: updating the package lists'
  apt-get update --quiet
}

install() {
  apt-get install --quiet --yes --no-install-recommends -o DPkg::Lock::Timeout=600 "$@"
}

if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
  refresh
fi
# lists that are out of date name files the mirror no longer has
if ! install "$@"; then
  refresh
  install "$@"
fi

if command -v systemctl >/dev/null 2>&1; then
  for package in $new; do
    if systemctl cat "$package.service" >/dev/null 2>&1 ||
      [ -e "/lib/systemd/system/$package.service" ]; then
      systemctl disable "$package.service" >/dev/null 2>&1 || true
    fi
  done
fi
