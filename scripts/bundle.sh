#!/usr/bin/env bash
# Packs the built program with all that it needs, MPI's launcher included, except the C library and the GPU driver. The
# bundle is for machines that have none of the packages, and its folder can be put anywhere.
#   scripts/bundle.sh [--program FILE] [FOLDER]
#     --program FILE   the program to pack; build/bin/haloedge is the default
#     FOLDER           the folder to be made; bundle/haloedge is the default. FOLDER.tar.gz is made, too.
# Then, on any Linux of this architecture that has bash, coreutils and a C library at least as new:
#   haloedge/bin/haloedge edges world.tif -o edges.tif
#   haloedge/bin/mpirun -n 4 haloedge/bin/haloedge edges world.tif -o edges.tif
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() { echo "usage: $0 [--program FILE] [FOLDER]"; }
program=$root/build/bin/haloedge folder=""
while (($# > 0)); do
  case $1 in
    --program) program=${2:?--program needs a file}; shift 2 ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) [[ -z $folder ]] || { usage >&2; exit 2; }; folder=$1; shift ;;
  esac
done
folder=${folder:-$root/bundle/haloedge}
if [[ ! -x $program ]]; then
  echo "$0: cannot find $program. Build it first: cmake --preset release && cmake --build --preset release" >&2
  exit 1
fi
# The daemon and the layout of Open MPI 5 are others.
command -v orted >/dev/null || { echo "$0: bundles need Open MPI 4, but orted is not in PATH" >&2; exit 1; }
if [[ -e $folder ]]; then
  [[ -e $folder/bin/haloedge ]] || { echo "$0: $folder exists, but is not a bundle" >&2; exit 1; }
  rm -r "$folder"
fi
mkdir -p "$folder"/{bin,lib,libexec,mpi/bin}

# Open MPI finds its parts from OPAL_PREFIX, PMIx from PMIX_INSTALL_PREFIX. Both keep their layout below the prefix.
ompi() { ompi_info --path "$1" --parsable | cut -d: -f3; }
prefix=$(ompi prefix)
for part in "$(ompi pkglibdir)" "$(ompi pkgdatadir)"; do
  mkdir -p "$folder/mpi/${part#"$prefix"/}"
  cp -rL "$part/." "$folder/mpi/${part#"$prefix"/}"
done
for tool in orterun orted; do cp -L "$prefix/bin/$tool" "$folder/mpi/bin/"; done
pmix=$(dirname "$(dirname "$(ldconfig -p | sed -nE 's/.*libpmix\.so\.[0-9]+ .*=> (.*)/\1/p' | head -1 | xargs -r readlink -f)")")
if [[ -d $pmix/lib/pmix ]]; then
  mkdir -p "$folder/pmix/lib"
  cp -rL "$pmix/lib/pmix" "$folder/pmix/lib/"
  [[ -d $pmix/share ]] && cp -rL "$pmix/share" "$folder/pmix/"
fi
cp "$program" "$folder/libexec/haloedge"

# Copies the libraries of all these files, except those that belong to the machine.
find "$folder" -type f \( -name '*.so' -o -perm -u+x \) -print0 |
  xargs -0 ldd 2>/dev/null | sed -nE 's/.* => (\/[^ ]+) .*/\1/p' | sort -u |
  grep -vE '/(ld-linux[^/]*|lib(c|m|dl|rt|pthread|util|resolv|cuda|nvidia-ml))\.so' |
  xargs -I{} cp -L {} "$folder/lib/"

cat >"$folder/bin/environment" <<'SH'
# The scripts beside this file read it.
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
export LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export OPAL_PREFIX=$here/mpi PMIX_INSTALL_PREFIX=$here/pmix PMIX_MCA_mca_base_component_path=$here/pmix/lib/pmix
# mpirun would refuse to start even on this machine if there were no way to other machines.
command -v ssh >/dev/null || command -v srun >/dev/null || export OMPI_MCA_plm=${OMPI_MCA_plm:-isolated}
SH
for name in haloedge mpirun; do
  target="libexec/haloedge"
  [[ $name == mpirun ]] && target="mpi/bin/orterun"
  cat >"$folder/bin/$name" <<SH
#!/usr/bin/env bash
source "\$(dirname "\$(readlink -f "\${BASH_SOURCE[0]}")")/environment"
exec "\$here/$target" "\$@"
SH
  chmod +x "$folder/bin/$name"
done

cp "$root/scripts/gpu_job.sh" "$folder/bin/"  # It runs the haloedge and the mpirun beside it.

"$folder/bin/haloedge" --version
tar -C "$(dirname "$folder")" -czf "$folder.tar.gz" "$(basename "$folder")"
needed=$(find "$folder" -type f \( -name '*.so*' -o -perm -u+x \) -print0 |
  xargs -0 grep -haoE 'GLIBC_[0-9.]+' | sort -Vu | tail -1)
echo "$folder, $folder.tar.gz ($(du -h "$folder.tar.gz" | cut -f1)): needs $needed or newer"
