#!/usr/bin/env bash
# Makes sure that a Docker Engine with Compose answers, for the demo and the tests.
#
# - One that answers already is used as it is; nothing is installed.
# - One that is installed and asleep is started, if this machine has no service manager and we are root.
# - Where there is no Docker at all on Debian 12 or newer, and we are root, Debian 13's packages are installed:
#   Debian 12's own (Docker 20.10, Compose 1.29) are too old, and Debian 13's need only libc6 >= 2.34.
# - In every other case it names the commands and ends with 1: what to install on a machine of yours is your decision.
set -euo pipefail

log_dir=${HOMELAB_ENGINE_LOG_DIR:-/var/log}
say() { printf '%s\n' "setup: $*"; }
give_up() { printf 'setup: %s\n' "$@" >&2; exit 1; }

engine_answers() { timeout 20 docker info >/dev/null 2>&1; }
compose_answers() { docker compose version >/dev/null 2>&1; }
service_manager() { [ -d /run/systemd/system ]; }

# dockerd refuses to start while the process of its old pid file lives: after a kill that number may be anybody's, or a
# corpse that nobody has collected.
forget_dead_engine() {
  local pid_file=/var/run/docker.pid pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 0
  if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status"; then return 0; fi
  rm -f "$pid_file"
}

start_engine() {
  if service_manager; then
    give_up 'Docker is installed but does not answer. Start it:' '  sudo systemctl start docker'
  fi
  [ "$(id -u)" = 0 ] || give_up 'Docker is installed but does not answer. Start it as root:' '  sudo dockerd &'
  forget_dead_engine
  say "starting dockerd in the background (log: $log_dir/dockerd.log); it stays when this is over"
  # Not our child in any sense that matters: a new session, no descriptor of ours (a pipe to us would never close).
  setsid dockerd >"$log_dir/dockerd.log" 2>&1 </dev/null &
  for _ in $(seq 1 120); do
    if engine_answers; then return; fi
    sleep 0.5
  done
  tail -n 20 "$log_dir/dockerd.log" >&2
  give_up "dockerd did not answer within 60 s. Its log: $log_dir/dockerd.log"
}

permission_denied() { timeout 20 docker info 2>&1 | grep -qi 'permission denied'; }
# Something of Docker's or Podman's that is not Debian's own: its packages would fight with the ones that we would install.
other_docker() { dpkg-query -W -f '${Package} ${Status}\n' 2>/dev/null | grep -E '^(docker-ce|containerd\.io|podman-docker|moby-engine) .* installed$'; }

install_engine() {
  [ "$(id -u)" = 0 ] || give_up 'There is no Docker here, and installing it needs root. Either run this as root, or install it yourself:' \
    '  sudo apt-get install docker.io docker-cli docker-compose     # Debian 13 or newer' \
    '  https://docs.docker.com/engine/install/                      # everything else'
  # shellcheck source=/dev/null
  . /etc/os-release
  if [ "${ID:-}" != debian ] || [ "${VERSION_ID:-0}" -lt 12 ]; then
    give_up "There is no Docker here, and this script installs it on Debian 12 or newer only (this is ${PRETTY_NAME:-unknown})." \
      'Install it: https://docs.docker.com/engine/install/'
  fi
  say "There is no Docker Engine here. Installing Debian's docker.io, docker-cli and docker-compose as root."
  if [ "$VERSION_ID" = 12 ]; then
    say 'They come from Debian 13: adding it to apt as a source for these three packages only'
    say '  /etc/apt/sources.list.d/homelab-trixie.list and /etc/apt/preferences.d/homelab-trixie'
    add_trixie
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || say 'some package lists could not be read; going on with those that could'
  apt-get install -y -qq --no-install-recommends docker.io docker-cli docker-compose iptables iproute2 \
    >"$log_dir/homelab-setup-apt.log" 2>&1 ||
    { tail -n 20 "$log_dir/homelab-setup-apt.log" >&2; give_up "apt-get install failed: $log_dir/homelab-setup-apt.log"; }
}

# Debian 13 beside Debian 12, from the mirror apt already uses; only the three packages may come from it.
add_trixie() {
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Identifier: Packages' 2>/dev/null |
    awk '$2 == "bookworm" && $1 ~ /debian/ {print $1; exit}')
  mirror=${mirror:-http://deb.debian.org/debian}
  printf 'deb [signed-by=%s] %s trixie main\n' "$keyring" "$mirror" >/etc/apt/sources.list.d/homelab-trixie.list
  cat >/etc/apt/preferences.d/homelab-trixie <<'PIN'
Package: *
Pin: release n=trixie
Pin-Priority: 100

Package: docker.io docker-cli docker-compose
Pin: release n=trixie
Pin-Priority: 600
PIN
}

if engine_answers && compose_answers; then
  say "using the Docker Engine that answers here ($(docker version --format '{{.Server.Version}}'), Compose $(docker compose version --short))"
  exit 0
fi
if engine_answers; then
  give_up 'Docker answers, but its Compose plugin is missing. Install it:' \
    '  sudo apt-get install docker-compose-plugin     # from Docker'"'"'s own repository' \
    '  sudo apt-get install docker-compose            # Debian 13 or newer'
fi
if permission_denied; then
  give_up 'You may not talk to Docker here. Run this with sudo, or join its group and log in again:' '  sudo usermod -aG docker "$USER"'
fi
if [ -n "${DOCKER_HOST:-}" ]; then
  give_up "DOCKER_HOST is $DOCKER_HOST, and no engine answers there. Start it, or unset DOCKER_HOST."
fi
context=$(docker context show 2>/dev/null || echo default)
if [ "$context" != default ]; then
  give_up "Docker's context here is \"$context\", and no engine answers there. Start it, or: docker context use default"
fi
found=$(other_docker || true)
if [ -n "$found" ]; then
  give_up "Docker is installed here and does not work as it is needed ($(echo "$found" | cut -d' ' -f1 | tr '\n' ' ')). Nothing was installed." \
    'Start it, and see that it has Compose:' '  sudo systemctl start docker && docker compose version'
fi
if ! command -v dockerd >/dev/null 2>&1 || ! compose_answers; then install_engine; fi
engine_answers || start_engine
say "Docker Engine $(docker version --format '{{.Server.Version}}'), Compose $(docker compose version --short)"
