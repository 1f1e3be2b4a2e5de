package exporter

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/nskit/nskit/cmd/internal/exporter/births"
	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/ns"
	"golang.org/x/sys/unix"
)

// birthsCollector is the name of the collector of births.
const birthsCollector = "births"

// tracker is a [births.Tracker].
type tracker interface {
	Counts() (births.Counts, error)
	Alive() ([]births.Birth, error)
}

// watcher is the collector of births.
type watcher struct {
	tracker tracker
	// err is why there is none.
	err   error
	names creatorNames
}

// openWatcher begins to watch, if the kernel lets it.
func openWatcher(log *slog.Logger) (w *watcher, end func()) {
	t, err := births.Open(knownNamespaces)
	if err != nil {
		return &watcher{err: err}, func() {}
	}
	log.Info("Watching namespaces being made and freed", "by", t.Way)
	return &watcher{tracker: t, names: creatorNames{list: listContainers}}, t.Close
}

// knownNamespaces are those that are there already.
func knownNamespaces() (map[uint32]ns.Kind, error) {
	snapshot, err := (&fleet.Host{}).Census()
	if err != nil {
		return nil, err
	}
	known := map[uint32]ns.Kind{}
	for i := range snapshot.Namespaces {
		known[uint32(snapshot.Namespaces[i].Inode)] = snapshot.Namespaces[i].Kind
	}
	return known, nil
}

// collector makes one of the watcher. Containers get their names here, since they may be gone when somebody asks.
func (w *watcher) collector() fleet.Collector {
	return fleet.Collector{Name: birthsCollector, Collect: func(*fleet.Host) ([]fleet.Family, error) {
		if w.err != nil {
			return nil, w.err
		}
		counts, err := w.tracker.Counts()
		if err != nil {
			return nil, err
		}
		alive, err := w.tracker.Alive()
		w.names.see(alive)
		return birthFamilies(&counts), err
	}}
}

// exact says that namespaces are counted where they are made.
func (w *watcher) exact() bool { return w != nil && w.err == nil }

// birthFamilies are the families of the collector.
func birthFamilies(c *births.Counts) []fleet.Family {
	lost := fleet.Family{Name: "nskit_births_lost_total", Help: "Namespaces for whose creator there was no room; those of kernels before Linux 6.18 are not seen to end.",
		Samples: []fleet.Sample{{Value: float64(c.Lost)}}}
	return []fleet.Family{
		byKind(createdTotal, "Namespaces that were made since the exporter was started, every one.", &c.Created),
		byKind(destroyedTotal, "Namespaces that ended since the exporter was started, every one that was made since or known then.", &c.Destroyed),
		lost,
	}
}

// answer is what the socket says: a line for each namespace alive that was seen to be made, with its inode, the time in
// seconds since 1970, its creator's PID, container and command.
func (w *watcher) answer(sinceBoot time.Duration, now time.Time) ([]byte, error) {
	alive, err := w.tracker.Alive()
	if err != nil {
		return nil, err
	}
	w.names.see(alive)
	text := []byte(fleet.CreatorsHeader)
	for i := range alive {
		b := &alive[i]
		text = strconv.AppendUint(text, uint64(b.Inode), 10)
		text = strconv.AppendInt(append(text, '\t'), now.Add(b.Since-sinceBoot).Unix(), 10)
		text = strconv.AppendInt(append(text, '\t'), int64(b.PID), 10)
		text = append(append(text, '\t'), harmless(w.names.of(b.Container))...)
		text = append(append(text, '\t'), harmless(b.Command)...)
		text = append(text, '\n')
	}
	return text, nil
}

// harmless has no control characters: a process can have a line end in its name.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, text)
}

// uptime is the time that births are told in.
func uptime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

func listContainers() []containers.Container {
	all, _ := containers.List(containers.Places{Root: hostRoot()})
	return all
}
