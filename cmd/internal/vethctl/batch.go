package vethctl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/rawfile"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/internal/visible"
	"golang.org/x/sys/unix"
)

// errQuote is what a line is refused with whose quotes do not match.
var errQuote = errors.New("a quote is not closed")

// batch runs commands line by line in one session.
func batch(c *call) error {
	if c.chosen.atomic && c.chosen.keepGoing {
		return misuse("batch", "batch: --atomic and --keep-going exclude each other")
	}
	name, input := "-", c.inv.Stdin
	if len(c.operands) > 0 && c.operands[0] != "-" {
		if err := rawfile.StartPoller(); err != nil {
			return &applet.Error{Text: "cannot open " + c.operands[0], Err: err}
		}
		// A FIFO without a writer must not keep a signal waiting.
		file, err := os.OpenFile(c.operands[0], os.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			return &applet.Error{Text: "cannot open " + c.operands[0], Err: err}
		}
		defer file.Close()
		name, input = c.operands[0], file
	}
	return c.runLines(name, c.stop.reader(input))
}

// runLines runs all lines, or those up to the first that fails. The exit code is
// that of the first failure.
func (c *call) runLines(name string, input io.Reader) error {
	scanner := bufio.NewScanner(input)
	scanner.Buffer(nil, 1<<20)
	code := 0
	for number := 1; scanner.Scan(); number++ {
		err := c.runLine(scanner.Text())
		if err == nil {
			continue
		}
		err = atLine(name, number, err)
		if !c.chosen.keepGoing {
			return c.abandon(err)
		}
		if failed := c.complain(err); code == 0 {
			code = failed
		}
	}
	if err := scanner.Err(); err != nil {
		return c.abandon(reading(name, err))
	}
	if code != 0 {
		return applet.Exit(code)
	}
	return nil
}

// runLine runs one line. Help that was asked for in it is not the end of all.
func (c *call) runLine(text string) error {
	words, err := split(text)
	if err != nil || len(words) == 0 {
		return err
	}
	var help applet.Help
	command, line, err := parse(c.inv, words, true)
	switch {
	case errors.As(err, &help):
		c.inv.Stdout.Write(c.inv.AppendHelp(nil, help.Command))
		return nil
	case err != nil:
		return err
	case command.name == "batch":
		return &applet.Error{Text: "batch has no place in a batch", Code: usageCode}
	}
	line.session, line.stop, line.chosen.atomic = c.session, c.stop, c.chosen.atomic
	if err := fault(command.run(line)); err != nil {
		return err
	}
	if !c.chosen.atomic {
		c.session.Forget()
	}
	return nil
}

// abandon ends the batch; an atomic one is rolled back as a whole.
func (c *call) abandon(err error) error {
	if !c.chosen.atomic {
		return err
	}
	if left := c.session.Rollback(0); left != nil {
		return &applet.Error{Text: err.Error() + "; " + left.Error(), Code: exitCode(veth.Stuck)}
	}
	return err
}

// atLine says where an error was.
func atLine(name string, number int, err error) error {
	where := name + ":" + strconv.Itoa(number) + ": "
	var e *applet.Error
	if errors.As(err, &e) {
		located := *e
		located.Text = where + e.Text
		if e.Usage {
			located.Usage, located.Code = false, usageCode
		}
		return &located
	}
	return &applet.Error{Text: where + err.Error(), Code: usageCode}
}

// complain reports an error that does not end the batch, and returns its code.
func (c *call) complain(err error) int {
	c.inv.Stdout.Flush() // what was printed before comes before
	fmt.Fprintf(c.inv.Stderr, "%s: %s\n", c.inv.Name, visible.Text(err.Error()))
	var e *applet.Error
	errors.As(err, &e)
	return max(e.Code, 1)
}

// split cuts a line into words at blanks, with the quotes, the backslash and
// the comments of a shell.
func split(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t\r")
		if line == "" || line[0] == '#' {
			return words, nil
		}
		word, rest, err := nextWord(line)
		if err != nil {
			return nil, err
		}
		words, line = append(words, word), rest
	}
}

// nextWord cuts the first word off a line that begins with one.
func nextWord(line string) (word, rest string, err error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		char := line[i]
		switch {
		case quote == 0 && (char == ' ' || char == '\t' || char == '\r'):
			return b.String(), line[i:], nil
		case quote == 0 && (char == '\'' || char == '"'):
			quote = char
		case quote != 0 && char == quote:
			quote = 0
		case char == '\\' && quote != '\'':
			if i++; i == len(line) {
				return "", "", errQuote
			}
			b.WriteByte(line[i])
		default:
			b.WriteByte(char)
		}
	}
	if quote != 0 {
		return "", "", errQuote
	}
	return b.String(), "", nil
}
