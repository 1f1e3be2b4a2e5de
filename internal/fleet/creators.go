package fleet

// What nskit-exporter tells of who made which namespace, and lsns asks for: a socket of the first
// name in the second directory, or in that of systemd's unit, and the first line of an answer.
const (
	CreatorsSocket    = "births.sock"
	CreatorsDirectory = "/run/nskit-exporter"
	CreatorsHeader    = "nskit creators 1\n"
)
