#!/usr/bin/env bash
# A Slurm cluster of two nodes on this machine, for tests; needs the packages slurmctld, slurmd and slurm-client, and root.
# eng/slurm/cluster.sh start FOLDER: starts it; SLURM_CONF=FOLDER/slurm.conf then leads sbatch, squeue and akv run --on slurm to it. FOLDER must be short and new.
# eng/slurm/cluster.sh node FOLDER n1|n2: starts the daemon of a node again that was killed.
# eng/slurm/cluster.sh stop FOLDER: ends it, and what runs on it.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
[ $# -eq 2 ] || [ "$1 $#" = "node 3" ] || { echo "usage: eng/slurm/cluster.sh start|stop FOLDER, or node FOLDER n1|n2" >&2; exit 2; }
for program in slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null || { echo "error: $program is not installed: apt-get install slurm-wlm" >&2; exit 66; }
done
[ "$(id -u)" -eq 0 ] || { echo "error: Slurm's daemons start as root alone" >&2; exit 66; }
export SLURM_CONF="$2/slurm.conf"

start() {
  local port=$((20000 + $$ % 10000 * 3))
  mkdir -p "$1"/{state,spool,run,log}
  sed -e "s|@DIR@|$1|g; s|@HOST@|$(hostname -s)|g; s|@PORT0@|$port|; s|@PORT1@|$((port + 1))|; s|@PORT2@|$((port + 2))|" "$here/slurm.conf.in" >"$SLURM_CONF"
  slurmctld -i
  slurmd -N n1
  slurmd -N n2
  for _ in $(seq 100); do
    if [ "$(sinfo --noheader --Node --partition low --states idle --format %N 2>/dev/null | sort -u | wc -l)" -eq 2 ]; then return; fi
    sleep 0.1
  done
  tail -n 3 "$1"/log/*.log >&2
  stop "$1"
  echo "error: the nodes did not come up: their last words are above" >&2
  exit 1
}

node() {
  slurmd -N "$2"
}

stop() {
  local pid
  scancel --me 2>/dev/null || true
  sleep 0.5
  for pid in "$1"/run/*.pid; do
    if [ -f "$pid" ]; then kill "$(cat "$pid")" 2>/dev/null || true; fi
  done
  for _ in $(seq 50); do
    if ! compgen -G "$1/run/*.pid" >/dev/null || ! kill -0 $(cat "$1"/run/*.pid 2>/dev/null) 2>/dev/null; then return; fi
    sleep 0.1
  done
}

"$@"
