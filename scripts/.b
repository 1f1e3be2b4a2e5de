#!/bin/sh
# build OUT, build -architectures: builds nskit for GOOS/GOARCH as one static, stripped file. The same
# commit gives the same bytes wherever it is built. Everybody who needs the
# binary (make, the tests, the benchmarks) gets it from here.
#
# ENTRY=SYMBOL chooses the symbol at which the program starts, before the Go
# runtime; ENTRY= starts at the runtime's own entry. VERSION= names the version
# of a tree without a repository (a release archive). APPLETS= names the applets that
# are built in, all when it is empty. STUB=PATH has nskit execute the file PATH, which
# `nskit --stub` writes, where it would execute a file in memory.
set -eu
# The one place that says which architectures have an entry before the runtime.
architectures="amd64 arm64 loong64 ppc64le riscv64 s390x"
if [ "${1-}" = -architectures ]; then
	echo "$architectures"
	exit
fi
out=$(realpath -m "${1:?usage: build OUT}")
cd "$(dirname "$0")/.."

case " $architectures " in
*" $(go env GOARCH) "*) entry=${ENTRY-nskit_entry} ;;
*) entry= ;;
esac

ldflags="-X main.version=$(scripts/version)"
[ -z "$entry" ] || ldflags="$ldflags -E $entry"
[ -z "${STUB-}" ] || ldflags="$ldflags -X github.com/nskit/nskit/pkg/trampoline.stub=$STUB"

mkdir -p "$(dirname "$out")"
chosen=$(mktemp -d)
trap 'rm -rf --one-file-system "$chosen"' EXIT
overlay=$(scripts/chosen "$chosen")
# Not -buildmode=pie, whatever GOFLAGS says: the entry counts on fixed addresses.
CGO_ENABLED=0 go build -buildmode=exe ${overlay:+"$overlay"} -trimpath -buildvcs=false -ldflags "$ldflags" -o "$out" ./cmd/nskit
