package lsns

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/internal/rawfile"
)

// creatorsVariable names another socket than nskit-exporter's.
const creatorsVariable = "NSKIT_BIRTHS_SOCKET"

// creatorsTime is how long its answer may take, creatorsSize how many bytes it may have.
const (
	creatorsTime = time.Second
	creatorsSize = 4 << 20
)

// The users that systemd gives to services with DynamicUser=, and to nobody else.
const firstService, lastService = 61184, 65519

// creators says by whom namespaces were made, once it was asked.
type creators map[census.Inode]string

// of is the creator of a namespace, "" if it is not known.
func (c *creators) of(inode census.Inode) string {
	if *c == nil {
		path := os.Getenv(creatorsVariable)
		if path == "" {
			path = fleet.CreatorsDirectory + "/" + fleet.CreatorsSocket
		}
		*c = parseCreators(askCreators(path, time.Now().Add(creatorsTime)))
	}
	return (*c)[inode]
}

// parseCreators reads an answer: lines of inode, seconds since 1970, PID, container and command with tabs between.
func parseCreators(text string) creators {
	found := creators{}
	text, ok := strings.CutPrefix(text, fleet.CreatorsHeader)
	if !ok {
		return found
	}
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 5)
		if len(words) < 5 {
			continue
		}
		inode, errInode := strconv.ParseUint(words[0], 10, 32)
		seconds, errSeconds := strconv.ParseUint(words[1], 10, 37) // to the year 6325
		if errInode != nil || errSeconds != nil {
			continue
		}
		creator := time.Unix(int64(seconds), 0).Format(time.RFC3339) + " " + words[4] + "[" + words[2] + "]"
		if words[3] != "" {
			creator += " in " + words[3]
		}
		found[census.Inode(inode)] = creator
	}
	return found
}

// askCreators is what a socket says; nothing if nobody answers who is trusted, or not all of it until the deadline.
func askCreators(path string, deadline time.Time) string {
	self := os.Geteuid()
	return string(rawfile.ReadSocket(path, creatorsSize, deadline, func(peer int) bool { return trusted(peer, self) }))
}

// trusted says whether what a user tells is shown: root, a service's own, the caller.
func trusted(peer, self int) bool {
	return peer == 0 || peer == self || firstService <= peer && peer <= lastService
}
