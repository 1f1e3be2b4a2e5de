//go:build linux

package launch

import (
	"github.com/nskit/nskit/internal/program"
	"golang.org/x/sys/unix"
)

const (
	passwdFile = "/etc/passwd"
	// maxShell is more than the longest path of a shell that is looked at.
	maxShell = 512
	// maxPasswd is where a walk through a file ends that is none, a device say.
	maxPasswd = 16 << 20
	// overflowUID is what a user without an ID in a user namespace is called:
	// the line of passwd(5) with this ID is not theirs.
	overflowUID = 65534
)

// passwd is a walk through passwd(5), character by character: what the command
// is can only be known in the root and as the user that it begins with.
type passwd struct {
	*plan
	fd, char program.Var
	// at counts the characters that were read.
	at program.Var
	// start is where the shell begins, name where its last component does.
	start, name program.Var
	line, skip  *program.Label
	// none is where a walk ends that finds no shell.
	none *program.Label
}

// shellOfAccount runs the login shell of the process's user, as the root that
// it has by now knows it. Where there is none it leads to the label returned.
func (p *plan) shellOfAccount() *program.Label {
	w := passwd{plan: p, fd: p.b.Var("passwd"), char: p.b.Var("char"), at: p.b.Var("at"), start: p.b.Var("start"), name: p.b.Var("name"),
		line: p.b.Label("next line"), skip: p.b.Label("not this line"), none: p.b.Label("no account, or without a shell")}
	w.findLine()
	w.findShell()
	w.runShell()
	p.b.Place(w.skip)
	w.next(w.none)
	p.b.CompareInt(w.char, '\n').IfPositive(w.skip).IfNegative(w.skip).IfZero(w.line)
	return w.none
}

// next reads a character; behind the last one it leads to end.
func (w *passwd) next(end *program.Label) {
	w.b.ReadOne(program.Value(w.fd), w.char).IfZero(end).IfNegative(w.none)
	w.b.WithInt(&program.OpAdd, w.at, 1).Into(w.at)
	w.b.CompareInt(w.at, maxPasswd).IfPositive(w.none)
}

// fields passes so many fields of a line; at the end of the line it leads to end.
func (w *passwd) fields(count int64, end *program.Label) {
	left, again := w.b.Var("fields"), w.b.Label("next field")
	w.b.Move(left, program.Int(count))
	w.b.Place(again)
	w.next(w.none)
	w.is('\n', end)
	w.b.CompareInt(w.char, ':').IfPositive(again).IfNegative(again)
	w.b.WithInt(&program.OpSub, left, 1).Into(left).IfPositive(again)
}

// is leads to a label if the character is c.
func (w *passwd) is(c byte, to *program.Label) {
	w.b.CompareInt(w.char, int64(c)).IfZero(to)
}

// findLine finds the line of the process's user and stops before its group.
func (w *passwd) findLine() {
	uid, id, digit, tens := w.b.Var("uid"), w.b.Var("id"), w.b.Var("digit"), w.b.Var("tens")
	again, compare := w.b.Label("next digit"), w.b.Label("a number")
	w.b.Open(passwdFile, unix.O_RDONLY|unix.O_NONBLOCK).Into(w.fd).IfNegative(w.none).Because("the login shell, in this root and of this user")
	w.b.Getuid().Into(uid).Because("whose shell is looked for")
	w.b.CompareInt(uid, overflowUID).IfZero(w.none)
	w.b.Place(w.line)
	w.next(w.none)
	w.is('\n', w.line)
	w.is('#', w.skip)
	w.is(':', w.skip)
	w.fields(2, w.line)
	w.b.Move(id, program.Int(-1))
	w.b.Place(again)
	w.next(w.none)
	w.is('\n', w.line)
	w.is(':', compare)
	w.b.WithInt(&program.OpSub, w.char, '0').Into(digit).IfNegative(w.skip)
	w.b.CompareInt(digit, 9).IfPositive(w.skip)
	begun := w.b.Label("not the first")
	w.b.Move(id, program.Value(id)).IfZero(begun).IfPositive(begun)
	w.b.Move(id, program.Int(0))
	w.b.Place(begun)
	w.b.WithInt(&program.OpShiftLeft, id, 3).Into(tens)
	w.b.WithInt(&program.OpShiftLeft, id, 1).Into(id)
	w.b.WithVar(&program.OpAdd, id, tens).Into(id)
	w.b.WithVar(&program.OpAdd, id, digit).Into(id)
	w.b.CompareInt(id, 1<<32).IfNegative(again)
	w.b.Goto(w.skip)
	w.b.Place(compare)
	w.b.CompareVar(id, uid).IfPositive(w.skip).IfNegative(w.skip)
}

// findShell finds where the last field begins and ends. One with characters that
// are none of a path, which a message would bring to a terminal, is not taken.
func (w *passwd) findShell() {
	again, end, ended := w.b.Label("next character"), w.b.Label("end of the field"), w.b.Label("the shell")
	w.fields(3, w.none)
	w.b.Move(w.start, program.Value(w.at))
	w.b.Move(w.name, program.Value(w.at))
	w.b.Place(again)
	w.next(ended)
	w.is('\n', end)
	w.is(':', end)
	w.b.CompareInt(w.char, ' ').IfNegative(w.none)
	w.b.CompareInt(w.char, '~').IfPositive(w.none)
	w.b.CompareInt(w.char, '/').IfPositive(again).IfNegative(again)
	w.b.Move(w.name, program.Value(w.at))
	w.b.Goto(again)
	w.b.Place(end)
	w.b.WithInt(&program.OpSub, w.at, 1).Into(w.at)
	w.b.Place(ended)
}

// runShell executes the shell, with a dash before its name as login(1) does.
func (w *passwd) runShell() {
	size, rest, address, result := w.b.Var("size"), w.b.Var("rest"), w.b.Var("address"), w.b.Var("result")
	path, name, argv := w.b.Buffer("shell", maxShell), w.b.Buffer("name", maxShell+8), w.b.Buffer("argv", 16)
	w.b.WithVar(&program.OpSub, w.at, w.start).Into(size).IfZero(w.none)
	w.b.CompareInt(size, maxShell).IfZero(w.none).IfPositive(w.none)
	w.b.WithVar(&program.OpSub, w.at, w.name).Into(rest)
	w.b.Pread(program.Value(w.fd), program.Address(path), program.Value(size), program.Value(w.start)).Because("the path of the shell").IfNegative(w.none)
	w.b.SetBytes(name.Part(0, 8, "name"), "-")
	w.b.Move(address, program.Address(name))
	w.b.WithInt(&program.OpAdd, address, 1).Into(address)
	w.b.Pread(program.Value(w.fd), program.Value(address), program.Value(rest), program.Value(w.name)).Because("its last part, for argv[0]").IfNegative(w.none)
	w.b.Move(argv.Part(0, 8, "argv[0]"), program.Address(name))
	failed := w.b.Label("failed")
	w.b.ExecveAt(program.Address(path), program.Address(argv).As("[name]"), program.Envp()).Into(result).Because("become the shell").IfNegative(failed)
	w.b.Place(failed)
	w.report(path, size, result)
}

// report says which shell cannot be executed, and why.
func (w *passwd) report(path, size, result program.Var) {
	const text = "failed to execute "
	missing, denied := w.b.Label("missing"), w.b.Label("denied")
	w.b.CompareInt(result, -int64(unix.ENOENT)).IfZero(missing)
	w.b.CompareInt(result, -int64(unix.EACCES)).IfZero(denied)
	w.b.FailWith(result, text, "the login shell").Fail.Code = program.ExitNotExecutable
	for _, end := range [...]struct {
		at   *program.Label
		text string
		code int
	}{
		{missing, ": No such file or directory\n", program.ExitNotFound},
		{denied, ": Permission denied\n", program.ExitNotExecutable},
	} {
		w.b.Place(end.at)
		w.b.Write(program.Int(2), w.b.Join(w.s.Name, ": ", text)).Tolerate()
		w.b.WriteFrom(program.Int(2), program.Address(path), program.Value(size)).Tolerate()
		w.b.Write(program.Int(2), end.text).Tolerate()
		w.b.Move(result, program.Value(result)).Fail.Code = end.code
	}
}
