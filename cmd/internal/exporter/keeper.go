package exporter

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nskit/nskit/internal/fleet"
	"golang.org/x/sys/unix"
)

// savePeriod is how often the memory is written at most: what came since is lost with a kill.
const savePeriod = time.Minute

const openNonblock = unix.O_NONBLOCK | unix.O_CLOEXEC

// keeper has the memory and its file.
type keeper struct {
	path string
	boot string
	log  *slog.Logger
	// now is the time in seconds since boot.
	now func() (int64, error)

	// replace writes the file; who has put something into file is the one who does.
	replace func(path string, text []byte) error
	file    chan struct{}

	mu     sync.Mutex
	memory memory
	// saved is when the memory was written last, or begun to be; writing says that this goes on.
	saved   time.Time
	writing bool
	// failed is why the file could not be written, "" if it could.
	failed string
}

// openKeeper reads the state file; a path of "" stands for none. One that is not there or damaged is
// no error.
func openKeeper(path string, log *slog.Logger) (*keeper, error) {
	k := &keeper{path: path, log: log, now: sinceBoot, replace: (&claim{}).replace, file: make(chan struct{}, 1), saved: time.Now()}
	if path == "" {
		log.Info("No state file: ages and counters begin with this process")
		return k, nil
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, err
	}
	k.boot = strings.TrimSpace(string(boot))
	k.load()
	k.save() // whether that can be done is known at once
	return k, nil
}

// load takes the memory over from the file.
func (k *keeper) load() {
	now, err := k.now()
	if err != nil {
		k.log.Warn("The clock cannot be read: ages begin anew", "err", err)
		return
	}
	text, err := readState(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		k.log.Info("No state file yet", "path", k.path)
		return
	}
	if err == nil {
		var m *memory
		if m, err = decode(text, k.boot, now); err == nil {
			k.memory = *m
			return
		}
	}
	if errors.Is(err, errOtherBoot) {
		k.log.Info("The system was started since: ages and counters begin anew", "path", k.path)
		return
	}
	k.log.Warn("The state file cannot be used: ages and counters begin anew", "path", k.path, "err", err)
}

// save writes the memory, or gives up when the file system does not answer.
func (k *keeper) save() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.write()
	}()
	select {
	case <-done:
	case <-time.After(shutdownTime):
		k.mu.Lock()
		defer k.mu.Unlock()
		k.note(errSlow)
	}
}

var errSlow = errors.New("the file system does not answer")

// write writes the memory. Nothing that a scrape waits for is locked meanwhile.
func (k *keeper) write() {
	if k.path == "" {
		return
	}
	k.file <- struct{}{}
	defer func() { <-k.file }()
	k.mu.Lock()
	k.saved, k.writing = time.Now(), true
	text, err := encode(&k.memory, k.boot)
	k.mu.Unlock()
	if err == nil {
		err = k.replace(k.path, text)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writing = false
	k.note(err)
}

// note notes how it went.
func (k *keeper) note(err error) {
	switch {
	case err != nil && k.failed == "":
		k.log.Warn("The state file cannot be written: a restart will lose ages and counters", "path", k.path, "err", err)
		k.failed = err.Error()
	case err == nil && k.failed != "":
		k.log.Info("The state file is written again", "path", k.path)
		k.failed = ""
	}
}

// works says whether the file could be written; without one there is nothing to say.
func (k *keeper) works() (works, asked bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed == "", k.path != ""
}

// see notes what the collector of namespaces has found, nil if it has not.
func (k *keeper) see(host *fleet.Host, outcomes []fleet.Outcome) *remembered {
	for i := range outcomes {
		if outcomes[i].Collector != "namespaces" || outcomes[i].Err != nil {
			continue
		}
		snapshot, err := host.Census()
		if err != nil {
			return nil
		}
		now, err := k.now()
		if err != nil {
			k.log.Warn("The clock cannot be read", "err", err)
			return nil
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		result := k.memory.see(snapshot.Namespaces, now)
		k.saveSoon()
		return result
	}
	return nil
}

// saveSoon has the memory written where it is time for that.
func (k *keeper) saveSoon() {
	late := time.Since(k.saved) >= savePeriod
	switch {
	case k.path == "":
	case k.writing && late:
		k.note(errSlow)
	case !k.writing && (late || k.failed != ""):
		k.writing = true
		go k.write()
	}
}

// sinceBoot is the time since boot, as the system's first time namespace has it: clock_gettime(2),
// and time_namespaces(7) for the difference.
func sinceBoot() (int64, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0, err
	}
	offsets, err := os.ReadFile("/proc/self/timens_offsets")
	if err != nil { // no time namespaces before Linux 5.6
		return int64(t.Sec), nil
	}
	return int64(t.Sec) - bootOffset(string(offsets)), nil
}

// bootOffset finds the seconds of the line "boottime SECONDS NANOSECONDS".
func bootOffset(text string) int64 {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == "boottime" {
			seconds, _ := strconv.ParseInt(words[1], 10, 64)
			return seconds
		}
	}
	return 0
}

// hostRoot leads to the files of the host's container runtimes, also from a container.
func hostRoot() string {
	own, err := os.Readlink("/proc/self/ns/mnt")
	first, errFirst := os.Readlink("/proc/1/ns/mnt")
	if err != nil || errFirst != nil || own == first {
		return "/"
	}
	return "/proc/1/root"
}
