# bash completion for haloedge
_haloedge() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
  local stencil="--operator --component --norm --border --scale --low --high --sigma"
  local filter="$stencil --gray --clip --nodata --nodata-output"
  local output="--type --compression --quality --tile"
  local resources="--threads --memory"
  local messages="--progress --quiet"
  local words=""

  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "edges batch hash duplicates score split stream info plan help version --help --version" -- "$current")
    return
  fi
  case $previous in
    --operator) words="sobel scharr prewitt laplacian canny" ;;
    --component) words="magnitude x y direction" ;;
    --norm) words="l2 l1" ;;
    --nodata) words="auto nan alpha none" ;;
    --gray) words="bt601 bt709 mean red green blue" ;;
    --border) words="reflect mirror nearest constant wrap" ;;
    --type | --input-type) words="u8 u16 f32" ;;
    --compression) words="none deflate lzw zstd" ;;
    --order) words="rows columns" ;;
    --write) words="auto gather parallel" ;;
    --backend) words="auto cpu cuda reference" ;;
    --policy) words="latest all" ;;
    --show) words="overlay edges side" ;;
    --color) words="green red blue yellow cyan magenta orange white black" ;;
    --progress) words="auto on off" ;;
    --format) case $command in
      duplicates) words="text csv json" ;;
      batch) words="--band png tiff jpeg" ;;
      plan) words="text json sbatch" ;;
      *) words="tiff png" ;;
    esac ;;
    --exclude | --grid | --scale | --clip | --sigma | --clusters | --low | --high | --filter-rate | --distance | --tile | --quality | --time-limit | --threads | --memory | --page | --band | --slice | --axes | --nodata-output | --ranks | --ranks-per-node | --cores) return ;;
    --size | --channels | --fs-bandwidth | --fs-node-bandwidth | --link-bandwidth | --link-latency | --launch-time) return ;;
  esac
  if [[ -z $words && $current == -* ]]; then
    case $command in
      edges) words="--page --band --slice --axes --grid --order --output --write --resume --overwrite --time-limit --backend --report --trace --verbose $filter $output $resources $messages" ;;
      duplicates) words="--distance --flat --query --format --output --html --overwrite" ;;
      batch) words="--band --output --format --part --exclude --resume --overwrite --time-limit --allow-failures --backend --report --trace --verbose $filter $output $resources $messages" ;;
      hash) words="--band --output --incremental --exclude --resume --overwrite --time-limit --allow-failures --report $resources $messages" ;;
      score) words="--band --output --sigma --depth --clusters --maps --low --high --norm --gray --exclude --resume --overwrite --time-limit --allow-failures --report --trace $resources $messages" ;;
      split) words="--page --band --slice --axes --grid --output --format --overwrite $resources $messages" ;;
      stream) words="--output --overwrite --policy --show --color --hud --filter-rate --backend --report --verbose $stencil $resources $messages" ;;
      info) words="--page --band --slice --axes --grid --order --devices" ;;
      plan) words="--page --band --slice --axes --grid --order --size --channels --input-type --ranks --ranks-per-node --cores --calibrate --fs-bandwidth --fs-node-bandwidth
        --link-bandwidth --link-latency --launch-time --output --write --format $filter $output $resources" ;;
    esac
    words+=" --help"
  fi
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _haloedge haloedge
