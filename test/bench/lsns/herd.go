package main

import (
	"bufio"
	"fmt"
	"os/exec"
	"syscall"

	"github.com/nskit/nskit/internal/bench"
)

// herd is so many processes in so many namespaces.
func herd(processes, namespaces int) *bench.Surroundings {
	return &bench.Surroundings{Enter: func(run func()) error {
		leaders, err := breed(processes, namespaces)
		defer slaughter(leaders)
		if err != nil {
			return err
		}
		run()
		return nil
	}}
}

// perGroup is the number of namespaces that a group of processes shares. Its
// leader is the init of one of them: killing it ends the group.
const perGroup = 7

const groupNamespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNET |
	syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWCGROUP

// breed starts the groups; with an error it returns those that it started.
func breed(processes, namespaces int) ([]*exec.Cmd, error) {
	var leaders []*exec.Cmd
	for groups, i := max(1, namespaces/perGroup), 0; i < groups; i++ {
		leader, err := group(processes*(i+1)/groups-processes*i/groups, groupNamespaces)
		if leader != nil {
			leaders = append(leaders, leader)
		}
		if err != nil {
			return leaders, err
		}
	}
	return leaders, nil
}

// group starts one group in new namespaces and waits until it is complete.
func group(size int, namespaces uintptr) (*exec.Cmd, error) {
	script := fmt.Sprintf("i=1; while [ $i -lt %d ]; do sleep 100000 & i=$((i+1)); done; echo; exec sleep 100000", size)
	leader := exec.Command("/bin/sh", "-c", script)
	// Also where this process is killed: nobody else would look for them.
	leader.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	out, err := leader.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := leader.Start(); err != nil {
		return nil, err
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	return leader, err
}

// slaughter ends the groups.
func slaughter(leaders []*exec.Cmd) {
	for _, leader := range leaders {
		_ = leader.Process.Kill() // gone is as good
	}
	for _, leader := range leaders {
		_ = leader.Wait() // ended by the signal, of course
	}
}
