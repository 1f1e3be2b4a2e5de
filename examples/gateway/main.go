// Command gateway prints the default gateway of this host. Its test runs
// in network namespaces made for it, as an unprivileged user: that replaces a script with
// sudo and ip-netns(8) around go test.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"strings"
)

func main() {
	gateway, device, err := find()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(gateway, device)
}

// find reads the IPv4 routes, see proc_pid_net(5).
func find() (gateway netip.Addr, device string, err error) {
	file, err := os.Open("/proc/self/net/route")
	if err != nil {
		return netip.Addr{}, "", err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 || fields[1] != "00000000" || fields[7] != "00000000" {
			continue
		}
		raw, err := hex.DecodeString(fields[2])
		if err != nil || len(raw) != 4 {
			continue
		}
		var bytes [4]byte
		binary.NativeEndian.PutUint32(bytes[:], binary.BigEndian.Uint32(raw))
		return netip.AddrFrom4(bytes), fields[0], nil
	}
	return netip.Addr{}, "", fmt.Errorf("there is no default gateway")
}
