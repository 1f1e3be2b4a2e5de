SUMMARY = "Namespace tools in one static binary"
HOMEPAGE = "https://github.com/nskit/nskit"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

SRC_URI = "https://github.com/nskit/nskit/releases/download/v${PV}/nskit-${PV}-vendored.tar.gz"
# The sum is in SHA256SUMS of the release.
SRC_URI[sha256sum] = ""
S = "${WORKDIR}/nskit-${PV}"

inherit goarch
DEPENDS = "go-native"
export GOOS = "${TARGET_GOOS}"
export GOARCH = "${TARGET_GOARCH}"
export GOCACHE = "${B}/.cache"
export VERSION = "${PV}"
export PREFIX = "${prefix}"

do_compile() {
    cd ${S} && GOFLAGS=-mod=vendor scripts/build bin/nskit
}

do_install() {
    cd ${S} && DESTDIR=${D} APPLETS_DIR=${libexecdir}/nskit scripts/install
}

# Its layout is chosen for a fast start.
INSANE_SKIP:${PN} += "already-stripped ldflags"
INHIBIT_PACKAGE_STRIP = "1"
INHIBIT_SYSROOT_STRIP = "1"
FILES:${PN} += "${datadir}"
