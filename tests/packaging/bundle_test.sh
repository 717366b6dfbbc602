#!/usr/bin/env bash
# Packs the program with scripts/bundle.sh and runs it in a system that has nothing but the C library, bash and coreutils:
# alone, on four ranks, and by the bundle's gpu_job.sh, with the processor in place of a GPU.
#   tests/packaging/bundle_test.sh BUILD_FOLDER
# Exit code 77: the test cannot run here. The bare system is made of this machine's files.
set -euo pipefail

# shellcheck source=tests/packaging/fresh_system.sh
source "$(dirname "${BASH_SOURCE[0]}")/fresh_system.sh"

# put FILE...: copies files, links included, to the same places in the bare system.
put() { tar -C / -cf - "${@#/}" | tar -C "$system" -xf -; }

try_in_bare_system() {
  local folder device package files libraries targets outputs
  mkdir "$system"
  mount -t tmpfs -o mode=755 haloedge "$system"
  mkdir -p "$system"/{proc,sys,tmp,etc,root,dev/shm,usr/bin,usr/lib,usr/lib64}
  # Where /bin is a link to /usr/bin on this machine, it is a link in the bare system, too.
  for folder in bin lib lib64; do
    [[ -e /$folder ]] || continue
    if [[ -L /$folder ]]; then cp -a "/$folder" "$system/"; else mkdir -p "$system/$folder"; fi
  done
  for package in libc6 bash coreutils; do
    mapfile -t files < <(dpkg -L "$package" | grep -E '/(bin|lib|lib64)/' | while read -r file; do
      [[ -d $file && ! -L $file ]] || echo "$file"
    done)
    mapfile -t libraries < <(ldd "${files[@]}" 2>/dev/null | sed -nE 's/.* => (\/[^ ]+) .*/\1/p' | sort -u)
    mapfile -t targets < <(readlink -e "${libraries[@]}")
    put "${files[@]}" "${libraries[@]}" "${targets[@]}"
  done
  echo "root:x:0:0:root:/root:/bin/bash" >"$system/etc/passwd"
  mount -t proc proc "$system/proc"
  mount --bind /sys "$system/sys"
  mount -t tmpfs haloedge "$system/dev/shm"
  for device in null zero urandom; do
    : >"$system/dev/$device"
    mount --bind "/dev/$device" "$system/dev/$device"
  done
  tar -C "$system/root" -xzf "$scratch/haloedge.tar.gz"
  cp "$scratch/zone.tif" "$scratch/stand_in" "$system/root/"

  within /root/haloedge/bin/haloedge --version
  within /root/haloedge/bin/haloedge edges /root/zone.tif -o /root/alone.tif --tile 64 -q
  within /root/haloedge/bin/mpirun -n 4 --oversubscribe --bind-to none /root/haloedge/bin/haloedge edges /root/zone.tif \
    -o /root/four.tif --tile 64 -q
  for outputs in alone four; do
    cmp "$scratch/expected.tif" "$system/root/$outputs.tif" || fail "$outputs.tif is not what the same program wrote outside"
  done
  within /root/haloedge/bin/gpu_job.sh --program /root/stand_in --mpirun /root/haloedge/bin/mpirun --grid 2x2 --frames 2 \
    /root/zone.tif
}

(($# == 1)) || fail "usage: $0 BUILD_FOLDER"
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
needs dpkg vips ompi_info
command -v orted >/dev/null || skip "bundles need Open MPI 4, which has orted"
scratch=$(mktemp -d "$build/bundle_test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
scripts/bundle.sh --program "$build/bin/haloedge" "$scratch/haloedge"
vips zone "$scratch/zone.tif[tile]" 900 700 --uchar
"$build/bin/haloedge" edges "$scratch/zone.tif" -o "$scratch/expected.tif" --tile 64 -q
cat >"$scratch/stand_in" <<'SH'
#!/usr/bin/env bash
if [[ "$*" == "info --devices" ]]; then
  echo "device 0      the processor, in a test"
else
  exec /root/haloedge/bin/haloedge "${@/#cuda/cpu}"
fi
SH
chmod +x "$scratch/stand_in"

in_own_mounts try_in_bare_system
echo "packed and run in a bare system"
