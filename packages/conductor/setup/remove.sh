#!/bin/sh
# Takes a machine off a server that its owner brought: what set-up.sh put there, and nothing else. As root; run again it
# goes on where it was. It lies on the server too, for owners whose Spoq is out of reach: then our key goes along.
#   remove.sh [FOLDER]         of the marker; as it lies on the server it is its own folder
set -u
umask 022
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
folder=${1:-$(cd "$(dirname "$0")" && pwd)}
[ "$(id -u)" -eq 0 ] || { echo 'failed: this needs root'; exit 1; }

main() {
  stop_set_up
  if [ -e "$folder/brought" ]; then
    stop_services
    remove_caddy
    remove_users
    rm -rf /var/lib/spoq /usr/lib/spoq /usr/lib/spoq-releases /usr/local/bin/spoq /usr/local/bin/sparebox \
      /etc/profile.d/spoq.sh || failed 'not all files can be removed'
  fi
  rm -rf /var/lib/spoq-jobs /var/log/spoq-set-up.log /run/spoq-set-up.stop /run/spoq-set-up.said /run/spoq-set-up.lock
  [ $# -gt 0 ] || remove_keys
  # At last what says whose the server is.
  find "$folder" -mindepth 1 -maxdepth 1 ! -name machine ! -name brought -exec rm -rf {} +
  rm -f "$folder/brought" && rm -f "$folder/machine" && rmdir "$folder" || failed "$folder cannot be removed"
  echo done
}

# One that runs ends after the step that it is at, so that no package is left half installed.
stop_set_up() {
  : >/run/spoq-set-up.stop
  exec 9>/run/spoq-set-up.lock
  flock --wait 900 9 || failed 'the set-up still runs'
}

stop_services() {
  for unit in spoq-ssh.socket spoq-conductor.service spoq-firewall.service; do
    systemctl disable --now --quiet "$unit" 2>/dev/null
    rm -f "/etc/systemd/system/$unit"
  done
  systemctl stop --quiet 'spoq-ssh@*.service' 2>/dev/null
  rm -f /etc/systemd/system/spoq-ssh@.service
  nft delete table inet spoq_metadata 2>/dev/null
  nft delete table inet spoq_firewall 2>/dev/null
  systemctl daemon-reload
}

# Sites that the owner has put beside ours stay, and Caddy with them.
remove_caddy() {
  grep -qx caddy "$folder/brought" || return 0
  rm -rf /etc/systemd/system/caddy.service.d
  systemctl daemon-reload
  if ls /etc/caddy/sites/*.caddy >/dev/null 2>&1; then
    printf '{\n\tadmin off\n}\nimport /etc/caddy/sites/*.caddy\n' >/etc/caddy/Caddyfile
    systemctl restart caddy
    return 0
  fi
  systemctl disable --now --quiet caddy 2>/dev/null
  # What else needs it keeps it.
  dpkg --purge caddy >/dev/null 2>&1 || { dpkg --configure -a && dpkg --purge caddy; } >/dev/null 2>&1 || return 0
  id caddy >/dev/null 2>&1 && userdel caddy 2>/dev/null
  getent group caddy >/dev/null && groupdel caddy 2>/dev/null
  rm -rf /etc/caddy /var/lib/caddy
}

remove_users() {
  for user in spoq spoq-tools; do
    id "$user" >/dev/null 2>&1 || continue
    loginctl terminate-user "$user" 2>/dev/null
    for tries in 1 2 3 4 5; do
      for process in /proc/[0-9]*; do
        [ "$(stat -c %U "$process" 2>/dev/null)" = "$user" ] && kill -KILL "${process#/proc/}" 2>/dev/null
      done
      userdel --remove "$user" >/dev/null 2>&1
      id "$user" >/dev/null 2>&1 || break
      sleep 1
    done
    ! id "$user" >/dev/null 2>&1 || failed "the user $user cannot be removed"
  done
  for group in spoq spoq-work; do getent group "$group" >/dev/null && groupdel "$group"; done
  rm -rf /home/spoq
}

# Each key of ours says so in its last word.
remove_keys() {
  for home in $(getent passwd | cut -d: -f6 | sort -u); do
    [ -f "$home/.ssh/authorized_keys" ] && sed -i '/ spoq-conn_[a-z0-9]*$/d' "$home/.ssh/authorized_keys"
  done
}

failed() {
  echo "failed: $*"
  exit 1
}

main "$@"
