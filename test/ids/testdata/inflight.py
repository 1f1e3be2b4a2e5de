# inflight.py: sends a descriptor of a new UTS namespace and keeps it nowhere else; prints the
# namespace's inode, and waits.
import array, ctypes, os, signal, socket

CLONE_NEWUTS = 0x04000000
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
if os.fork() == 0:
    if ctypes.CDLL(None).unshare(CLONE_NEWUTS) != 0:
        os._exit(1)
    namespace = os.open("/proc/self/ns/uts", os.O_RDONLY)
    one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [namespace]))])
    print(os.fstat(namespace).st_ino, flush=True)
    os._exit(0)
if os.wait()[1] == 0:
    signal.pause()
