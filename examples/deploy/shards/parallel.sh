#!/bin/sh
# Shares of a conversion with GNU parallel; the last argument of it may name machines: --sshlogin. Usage: parallel.sh N OUTPUT INPUT...
set -eu
shares=$1 output=$2
shift 2
seq "$shares" | parallel --halt soon,fail=1 --line-buffer \
  "ccc-upcast convert $* --ids ids.csv --shard {}/$shares -o $output.share-{} || [ \$? -eq 3 ]"
# Exit 3 tells of dead letters: they are merged, too, and merge tells of them once more.
exec ccc-upcast merge "$output".share-*.places -o "$output"
