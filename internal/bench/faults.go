package bench

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Faults runs a candidate and returns the addresses of its page faults behind
// its execve(2), those of its threads, its children and the programs that these
// become included. It takes perf_event_open(2): root, or kernel.perf_event_paranoid
// of 1 or less.
func Faults(c Candidate) ([]uint64, error) {
	runtime.LockOSThread() // see Peak
	defer runtime.UnlockOSThread()
	pid, err := startTraced(c)
	if err != nil {
		return nil, err
	}
	var rings []ring
	defer func() {
		for _, r := range rings {
			r.close()
		}
	}()
	// What children inherit can be read for single CPUs only.
	for cpu := range runtime.NumCPU() {
		r, err := openRing(pid, cpu)
		if err != nil {
			_ = unix.Kill(pid, unix.SIGKILL)
			return nil, fmt.Errorf("%w, and %w", err, wait(pid))
		}
		rings = append(rings, r)
	}
	if err := follow(pid, nil); err != nil {
		return nil, err
	}
	var all []uint64
	for _, r := range rings {
		all = append(all, r.addresses()...)
	}
	return all, nil
}

// ring is where the kernel writes the faults of one CPU: a page that says how
// many bytes there are, and the bytes.
type ring struct {
	fd     int
	memory []byte
}

// ringPages has room for some 8,000 faults, more than any command takes.
const ringPages = 32

func openRing(pid, cpu int) (ring, error) {
	fd, err := unix.PerfEventOpen(&unix.PerfEventAttr{
		Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_PAGE_FAULTS, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Sample: 1, Sample_type: unix.PERF_SAMPLE_ADDR, Bits: unix.PerfBitInherit,
	}, pid, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return ring{}, fmt.Errorf("perf_event_open: %w", err)
	}
	page := unix.Getpagesize()
	memory, err := unix.Mmap(fd, 0, (1+ringPages)*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return ring{}, fmt.Errorf("mmap of perf events: %w", err)
	}
	return ring{fd, memory}, nil
}

func (r ring) close() {
	_ = unix.Munmap(r.memory)
	unix.Close(r.fd)
}

// addresses reads the samples: each has a header of eight bytes, whose last two
// are its length, and the address.
func (r ring) addresses() []uint64 {
	head := (*unix.PerfEventMmapPage)(unsafe.Pointer(&r.memory[0])).Data_head
	var all []uint64
	for at := r.memory[unix.Getpagesize():][:head]; len(at) >= 16; {
		length := binary.NativeEndian.Uint16(at[6:])
		if binary.NativeEndian.Uint32(at) == unix.PERF_RECORD_SAMPLE {
			all = append(all, binary.NativeEndian.Uint64(at[8:]))
		}
		at = at[length:]
	}
	return all
}
