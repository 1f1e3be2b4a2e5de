// Package common has the linker put the applet that is started most often beside what
// every applet runs through. Before the Go runtime starts each 64 KiB of code cost a page
// fault, and the linker places packages as they are imported, the main package's
// imports in the order of their names.
package common

import _ "github.com/nskit/nskit/cmd/internal/unshare"
