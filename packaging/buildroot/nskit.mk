################################################################################
#
# nskit
#
################################################################################

NSKIT_VERSION = 1.0.0
NSKIT_SOURCE = nskit-$(NSKIT_VERSION)-vendored.tar.gz
NSKIT_SITE = https://github.com/nskit/nskit/releases/download/v$(NSKIT_VERSION)
NSKIT_LICENSE = Apache-2.0
NSKIT_LICENSE_FILES = LICENSE THIRD_PARTY_NOTICES
NSKIT_DEPENDENCIES = host-go
# The links take the place of those of util-linux and busybox.
NSKIT_MAKE_ENV = $(HOST_GO_TARGET_ENV) VERSION=$(NSKIT_VERSION) PREFIX=/usr APPLETS_DIR=/usr/bin

define NSKIT_BUILD_CMDS
	cd $(@D) && $(NSKIT_MAKE_ENV) scripts/build bin/nskit
endef

define NSKIT_INSTALL_TARGET_CMDS
	cd $(@D) && $(NSKIT_MAKE_ENV) DESTDIR=$(TARGET_DIR) scripts/install
endef

$(eval $(generic-package))
