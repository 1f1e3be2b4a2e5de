package launch

// Signal stands for that of package syscall.
type Signal int
