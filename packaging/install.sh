#!/bin/sh
# Installs the gateway as a service of systemd, upgrades it, or takes it away. Safe to run again: what is right stays as it is.
set -eu

NAME=ainogap
SERVICE=$NAME.service
STARTED_WITHIN_S=60
HANDED_OVER_WITHIN_S=90

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
action=install
binary=''
root=''
root_given=no
upstream=anthropic
start=no
purge=no
yes=no
temporary=''
changed=no

usage() {
  cat <<'USAGE'
Usage: install.sh [options]                 install or upgrade
       install.sh --uninstall [--purge]     take it away; configuration and data stay without --purge

  --binary FILE      the program (default: ainogap, or ainogap-linux-x64 or -arm64, beside this script or in ../build);
                     its SHA-256 must be in SHA256SUMS where that lies beside it
  --upstream KIND    of a first configuration: anthropic (the default), or simulator to try things out
  --start            start the service after a first installation too; an upgrade of a running one always takes effect
  --root DIR         install below DIR, for images: no user is made and no service manager is called
  --purge            with --uninstall: remove configuration, secrets, database and user as well; asks, or needs --yes
  --yes              ask nothing
  -h, --help         show this

Exit codes: 0 done, 1 failed, 2 wrong usage.
USAGE
}

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "error: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 1
}
misused() {
  say "error: $1"
  say '  install.sh --help'
  exit 2
}

clean_up() { [ -z "$temporary" ] || rm -rf "$temporary"; }
trap clean_up EXIT
# A reader that leaves (| head) included.
trap 'exit 1' HUP INT PIPE TERM

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --binary | --root | --upstream)
        [ -n "${2:-}" ] || misused "$1 needs a value."
        case $1 in
          --binary) binary=$2 ;;
          --root)
            root=${2%/}
            root_given=yes
            ;;
          --upstream) upstream=$2 ;;
        esac
        shift
        ;;
      --uninstall) action=uninstall ;;
      --purge) purge=yes ;;
      --start) start=yes ;;
      --yes) yes=yes ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) misused "unknown option $1." ;;
    esac
    shift
  done
  case $upstream in anthropic | simulator) ;; *) misused "--upstream is \"$upstream\"; it can be anthropic or simulator." ;; esac
  [ "$purge" = no ] || [ "$action" = uninstall ] || misused '--purge goes with --uninstall.'
  # It becomes a part of paths and of a pattern below.
  # A packager's empty variable before the slash: what is meant for an image must not change this system.
  [ "$root_given" = no ] || [ -n "$(printf %s "$root" | tr -d /)" ] || misused '--root is this system itself; leave it out to install here.'
  case $root in *[!A-Za-z0-9/._-]*) misused '--root may have letters, digits, and / . _ - only.' ;; '' | /*) ;; *) root=$PWD/$root ;; esac
}

set_places() {
  program=$root/usr/local/bin/$NAME
  settings=$root/etc/$NAME
  config=$settings/config.yaml
  data=$root/var/lib/$NAME
  database=$data/$NAME.db
  cache=$root/var/cache/$NAME
  unit=$root/usr/local/lib/systemd/system/$SERVICE
  socket=$root/usr/local/lib/systemd/system/$NAME.socket
  sysusers=$root/usr/local/lib/sysusers.d/$NAME.conf
  tmpfiles=$root/usr/local/lib/tmpfiles.d/$NAME.conf
  bash_completion=$root/usr/local/share/bash-completion/completions/$NAME
  zsh_completion=$root/usr/local/share/zsh/site-functions/_$NAME
  fish_completion=$root/usr/local/share/fish/vendor_completions.d/$NAME.fish
}

staged() { [ -n "$root" ]; }
# https://www.freedesktop.org/software/systemd/man/latest/sd_booted.html
has_systemd() { ! staged && [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }
is_active() { systemctl is-active --quiet "$SERVICE"; }
main_pid() { systemctl show --property MainPID --value "$SERVICE"; }
as_service() { setpriv --reuid "$NAME" --regid "$NAME" --clear-groups --inh-caps=-all "$@"; }

# --- installing -------------------------------------------------------------------------------------------------------

find_binary() {
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch=none ;; esac
  if [ -z "$binary" ]; then
    for candidate in "$here/$NAME" "$here/$NAME-linux-$arch" "$here/../build/$NAME-linux-$arch"; do
      [ -f "$candidate" ] || continue
      binary=$candidate
      break
    done
  fi
  [ -n "$binary" ] || fail "there is no program beside $here/install.sh." 'install.sh --binary FILE'
  [ -f "$binary" ] || fail "there is no file $binary."
}

check_sum() {
  sums=$(dirname -- "$binary")/SHA256SUMS
  [ -f "$sums" ] || return 0
  digest=$(sha256sum <"$binary" | cut -d ' ' -f 1)
  grep -q "^$digest " "$sums" || fail "$binary is not what $sums lists: its SHA-256 is $digest." 'Fetch both again from the same release.'
}

# A copy that runs, in the folder where it will be renamed; nothing is in place before it has said its version.
prepare_program() {
  install -d -m 0755 "$(dirname "$program")"
  temporary=$(mktemp -d "$(dirname "$program")/.$NAME.XXXXXX")
  install -m 0755 "$binary" "$temporary/$NAME"
  version=$(run_new --version 2>"$temporary/said") || fail "$binary does not run here:" "$(head -n 5 "$temporary/said")"
}

# Its native part is unpacked into the temporary folder, not into that of whoever installs.
run_new() { env -u AINOGAP_CONFIG AINOGAP_CACHE_DIR="$temporary/cache" HOME="$temporary" "$temporary/$NAME" "$@"; }

make_user() {
  staged && return 0
  getent group "$NAME" >/dev/null || groupadd --system "$NAME"
  getent passwd "$NAME" >/dev/null && return 0
  no_login=$(command -v nologin || echo /usr/sbin/nologin)
  useradd --system --gid "$NAME" --home-dir /var/lib/$NAME --no-create-home --shell "$no_login" --comment 'ainogap gateway' "$NAME"
  say "Made the user $NAME."
}

own() {
  staged || chown "$1" "$2"
}

make_folders() {
  install -d -m 0750 "$settings"
  own "root:$NAME" "$settings"
  install -d -m 0700 "$settings/credentials"
  install -d -m 0700 "$data"
  own "$NAME:$NAME" "$data"
}

# Never touched once it is there.
make_config() {
  if [ -e "$config" ]; then
    say "Kept $config."
    return 0
  fi
  run_new init "$settings" --yes --upstream "$upstream" --database "$database" --credential credential:anthropic >/dev/null 2>"$temporary/said" ||
    fail "no configuration could be made:" "$(cat "$temporary/said")"
  if staged; then
    sed "s|^database: \"$root/|database: \"/|" "$config" >"$temporary/config"
    cat "$temporary/config" >"$config"
  fi
  chmod 0640 "$config"
  own "root:$NAME" "$config"
  for file in "$database" "$database-wal" "$database-shm"; do
    # The folder is the service's: a link that it left there must not give it a file elsewhere.
    [ ! -f "$file" ] || [ -L "$file" ] || own "$NAME:$NAME" "$file"
  done
  say "Wrote $config and $database."
}

place_program() {
  if [ -f "$program" ] && cmp -s "$program" "$temporary/$NAME"; then
    say "Kept $program ($version)."
    return 0
  fi
  # What runs keeps the old file open, which stays as .previous, to go back to. There is a program at every moment.
  [ ! -f "$program" ] || ln -f "$program" "$program.previous"
  mv -f "$temporary/$NAME" "$program"
  changed=yes
  say "Installed $program ($version)."
}

place_files() {
  for pair in "$SERVICE>$unit" "$NAME.sysusers.conf>$sysusers" "$NAME.tmpfiles.conf>$tmpfiles"; do
    from=$here/${pair%%>*}
    [ -f "$from" ] || fail "$from is missing: this script needs the files that it comes with beside it."
    cmp -s "$from" "${pair#*>}" && continue
    install -D -m 0644 "$from" "${pair#*>}"
    changed=yes
  done
  # Not needed, and not enabled: by it systemd itself can keep the listening socket.
  if [ -f "$here/$NAME.socket" ]; then install -D -m 0644 "$here/$NAME.socket" "$socket"; fi
}

# Those of the program that is there already are there as well. Older programs have no such command.
place_completions() {
  [ "$changed" = yes ] || return 0
  for pair in "bash>$bash_completion" "zsh>$zsh_completion" "fish>$fish_completion"; do
    shell=${pair%%>*}
    run_installed completion "$shell" >"$temporary/completion" 2>/dev/null || continue
    [ ! -s "$temporary/completion" ] || install -D -m 0644 "$temporary/completion" "${pair#*>}"
  done
}

run_installed() { env AINOGAP_CACHE_DIR="$temporary/cache" HOME="$temporary" "$program" "$@"; }

# --- the service ------------------------------------------------------------------------------------------------------

bring_into_service() {
  if ! has_systemd; then
    staged || say 'systemd does not run here: nothing was started.'
    return 0
  fi
  systemctl daemon-reload
  if is_active; then
    [ "$changed" = no ] || take_over
  else
    systemctl enable --quiet "$SERVICE"
    [ "$start" = yes ] || return 0
    systemctl start "$SERVICE" || not_started
  fi
  wait_until_healthy
}

# Whether the running program handles SIGUSR2, by which it starts its successor: any other would be ended by it.
takes_over() {
  caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) || return 1
  case $caught in *[89a-fA-F]??) return 0 ;; *) return 1 ;; esac
}

take_over() {
  old=$(main_pid)
  if takes_over "$old"; then
    systemctl kill --kill-who=main --signal=USR2 "$SERVICE"
    seconds=0
    # What the gateway said of an earlier hand-over is gone within the first second.
    sleep 1
    while [ "$(main_pid)" = "$old" ] && [ $seconds -lt $HANDED_OVER_WITHIN_S ] && ! refused; do
      sleep 1
      seconds=$((seconds + 1))
    done
    if [ "$(main_pid)" != "$old" ] && is_active; then
      say "The running gateway handed over to version $version; what it was answering ends first."
      return 0
    fi
    say 'The running gateway did not hand over (journalctl -u ainogap says why); it is restarted.'
  fi
  systemctl restart "$SERVICE" || not_started
}

# It says so at once; there is no reason to wait on.
refused() { systemctl show --property StatusText --value "$SERVICE" | grep -q '^hand-over refused'; }

wait_until_healthy() {
  seconds=0
  until as_service env AINOGAP_CONFIG="$config" AINOGAP_CACHE_DIR="$cache" "$program" health >/dev/null 2>"$temporary/said"; do
    is_active || not_started
    [ $seconds -lt $STARTED_WITHIN_S ] || fail "the service runs, but is not healthy:" "$(cat "$temporary/said")" "journalctl -u $NAME -n 50"
    sleep 1
    seconds=$((seconds + 1))
  done
  say "The service runs and is healthy."
}

not_started() {
  set -- "journalctl -u $NAME -n 50"
  [ ! -f "$program.previous" ] || set -- "$@" "mv $program.previous $program && systemctl restart $NAME   # back to the version before"
  fail 'the service did not start.' "$@"
}

tell_next_steps() {
  if staged; then
    say "Enable it in the image: systemctl --root=$root enable $NAME"
    return 0
  fi
  run="sudo -u $NAME $NAME --config $config"
  if [ ! -e "$settings/credentials/anthropic" ] && grep -q 'credential:anthropic' "$config"; then
    say 'Next: your upstream key, which root alone can read (paste it, then Ctrl-D), and the service:'
    say "  sudo install -m 0600 /dev/stdin $settings/credentials/anthropic"
    say "  sudo systemctl restart $NAME"
  elif has_systemd && ! is_active; then
    say 'Next:'
    say "  sudo systemctl start $NAME"
  fi
  say 'Commands, as the user of the service:'
  say "  $run buyer create acme"
  say "  $run topup acme 20 --reference first"
  say "  $run route create claude-fast --upstream $(sed -n '/^upstreams:/,$ s/^  \([a-z0-9][a-z0-9_-]*\):$/\1/p' "$config" | head -n 1)"
  say "  $run key create acme"
}

install_all() {
  find_binary
  check_sum
  prepare_program
  make_user
  make_folders
  make_config
  place_program
  place_files
  place_completions
  bring_into_service
  tell_next_steps
}

# --- taking away ------------------------------------------------------------------------------------------------------

uninstall_all() {
  [ "$purge" = no ] || confirm_purge
  if has_systemd && [ -e "$unit" ]; then
    [ ! -e "$socket" ] || systemctl disable --now --quiet "$NAME.socket" || true
    systemctl disable --now --quiet "$SERVICE" || true
  fi
  rm -f "$program" "$program.previous" "$unit" "$socket" "$sysusers" "$tmpfiles" "$bash_completion" "$zsh_completion" "$fish_completion"
  rm -rf "$cache"
  if has_systemd; then
    systemctl daemon-reload
    systemctl reset-failed --quiet "$SERVICE" 2>/dev/null || true
  fi
  if [ "$purge" = no ]; then
    say "Removed $NAME. Kept $settings and $data."
    return 0
  fi
  rm -rf "$settings" "$data" "$root/etc/systemd/system/$SERVICE.d"
  if ! staged; then
    ! getent passwd "$NAME" >/dev/null || userdel "$NAME"
    ! getent group "$NAME" >/dev/null || groupdel "$NAME"
  fi
  say "Removed $NAME with its configuration, its secrets and its data."
}

confirm_purge() {
  [ "$yes" = no ] || return 0
  if ! [ -t 0 ] || ! [ -t 2 ]; then misused 'nobody can be asked here: add --yes to remove all balances and requests for good.'; fi
  printf 'This removes %s and %s with all balances and requests, for good. Type yes to go on: ' "$settings" "$data" >&2
  read -r answer || answer=''
  [ "$answer" = yes ] || fail 'stopped; nothing was removed.'
}

parse_arguments "$@"
set_places
umask 022
staged || [ "$(id -u)" -eq 0 ] || fail 'only root can install a service.' "sudo $0" 'install.sh --root DIR   # for an image'
case $action in
  install) install_all ;;
  uninstall) uninstall_all ;;
esac
