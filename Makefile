# Names only: every target is a script that can be read and run by itself.
# Variables given to make reach the scripts through the environment.

PREFIX  ?= /usr/local
DESTDIR ?=
# The directory of the applets' links, PREFIX/libexec/nskit when empty.
APPLETS_DIR ?=
# 1 also installs manual pages and completions under the names that util-linux has.
PLAIN_NAMES ?=
# The applets that are built in and installed, all when empty: APPLETS="unshare nsenter".
APPLETS ?=
# The installed file that is executed in the place of files in memory, none when empty:
# docs/security.md. For make and make install alike.
STUB ?=
export PREFIX DESTDIR APPLETS_DIR PLAIN_NAMES APPLETS STUB

.PHONY: all nskit nskit-exporter test compare peers hunt fuzz faults load load-fleet soak lint docs cross bench demo install uninstall deb test-deb test-rpm image test-runtimes test-go test-vm test-initramfs test-fleet demo-fleet dist release clean

all: nskit nskit-exporter
nskit:
	@scripts/build bin/nskit
nskit-exporter:
	@scripts/build-exporter bin/nskit-exporter
test:
	@scripts/test
compare:
	@scripts/compare
peers:
	@scripts/peers
hunt:
	@scripts/hunt
fuzz:
	@scripts/fuzz
faults:
	@scripts/faults
load:
	@scripts/load
load-fleet:
	@scripts/load fleet
soak:
	@scripts/load soak
lint:
	@scripts/lint
docs:
	@go run ./cmd/nskit-docs
cross:
	@scripts/cross
bench: nskit
	@scripts/bench
demo:
	@scripts/demo
# As root, go may not be in PATH: then what make built before is installed.
install:
	@! command -v go >/dev/null || [ -n "$$NSKIT_BIN" ] || scripts/build bin/nskit
	@scripts/install
uninstall:
	@scripts/uninstall
deb:
	@scripts/deb
test-deb:
	@scripts/test-deb
test-rpm:
	@scripts/test-rpm
image:
	@scripts/image
test-runtimes:
	@scripts/test-runtimes
test-go:
	@scripts/test-go $(GO)
test-vm:
	@scripts/test-vm
test-initramfs:
	@scripts/test-initramfs
test-fleet:
	@scripts/test-fleet
demo-fleet:
	@scripts/demo-fleet
dist:
	@scripts/dist
release:
	@scripts/release
clean:
	rm -rf bin dist
