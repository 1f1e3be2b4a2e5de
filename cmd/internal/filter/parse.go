package filter

import (
	"errors"
	"slices"
	"strings"

	sorting "github.com/nskit/nskit/internal/order"
)

// The limits of an expression; they bound the parser's recursion as well.
const (
	maxExpression = 1024
	maxNodes      = 256
	maxPattern    = 256
)

// Parse reads an expression; known tells which columns there are, by their
// names in capitals. The error is a [*SyntaxError] or an [*UnknownColumnError].
func Parse(expression string, known func(name string) bool) (*Filter, error) {
	if len(expression) > maxExpression {
		return nil, &SyntaxError{expression[:32] + "...", "expression too long"}
	}
	p := parser{lexer: lexer{expression}}
	if err := p.advance(); err != nil {
		return nil, &SyntaxError{expression, err.Error()}
	}
	root, err := p.expression()
	if err == nil && p.token.kind != tokenEnd {
		err = p.unexpected()
	}
	if err != nil {
		return nil, &SyntaxError{expression, err.Error()}
	}
	for i, name := range p.columns {
		p.columns[i] = strings.ToUpper(name)
		if !known(p.columns[i]) {
			return nil, &UnknownColumnError{name}
		}
	}
	sorting.Strings(p.columns)
	return &Filter{root, slices.Compact(p.columns)}, nil
}

type parser struct {
	lexer
	token   token
	nodes   int
	columns []string
}

// advance reads the next token.
func (p *parser) advance() error {
	t, err := p.next()
	p.token = t
	return err
}

func (p *parser) unexpected() error {
	return errors.New("syntax error, unexpected " + p.token.name())
}

// make counts a node.
func (p *parser) make(n node) (*node, error) {
	if p.nodes++; p.nodes > maxNodes {
		return nil, errors.New("expression too complex")
	}
	return &n, nil
}

func (p *parser) expression() (*node, error) {
	return p.chain(p.comparison, opAnd, opOr)
}

func (p *parser) comparison() (*node, error) {
	return p.chain(p.unary, opEqual, opNoMatch)
}

// chain reads operands joined by the operators from first to last, all of the
// same precedence, from left to right.
func (p *parser) chain(operand func() (*node, error), first, last op) (*node, error) {
	left, err := operand()
	for err == nil && p.token.kind == tokenOperator && p.token.op >= first && p.token.op <= last {
		operator := p.token.op
		if err = p.advance(); err != nil {
			break
		}
		if operator == opMatch || operator == opNoMatch {
			left, err = p.match(operator, left)
			continue
		}
		var right *node
		if right, err = operand(); err == nil {
			left, err = p.make(node{op: operator, left: left, right: right})
		}
	}
	return left, err
}

// match reads the pattern behind =~ or !~.
func (p *parser) match(operator op, left *node) (*node, error) {
	if p.token.kind != tokenLiteral || p.token.value.Type != String {
		return nil, errors.New(p.unexpected().Error() + ", expecting string")
	}
	pattern, err := compile(p.token.value.Text)
	if err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return p.make(node{op: operator, left: left, pattern: pattern})
}

func (p *parser) unary() (*node, error) {
	t := p.token
	switch t.kind {
	case tokenNot, tokenOpen, tokenLiteral, tokenColumn:
	default:
		return nil, p.unexpected()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch t.kind {
	case tokenNot:
		return p.not()
	case tokenOpen:
		return p.parenthesis()
	case tokenColumn:
		p.columns = append(p.columns, t.text)
		return p.make(node{op: opColumn, column: strings.ToUpper(t.text)})
	}
	return p.make(node{op: opLiteral, value: t.value})
}

func (p *parser) not() (*node, error) {
	operand, err := p.unary()
	if err != nil {
		return nil, err
	}
	return p.make(node{op: opNot, left: operand})
}

func (p *parser) parenthesis() (*node, error) {
	inside, err := p.expression()
	switch {
	case err != nil:
		return nil, err
	case p.token.kind != tokenClose:
		return nil, p.unexpected()
	}
	return inside, p.advance()
}

// nestedQuantifier finds a quantifier behind another one, or behind a group
// that has one inside.
func nestedQuantifier(pattern string) bool {
	var (
		open   []bool // for each open group: has it a quantifier inside?
		inside bool   // the same for the innermost one, or the whole
		before bool   // what stands before has one
	)
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
			before = false
		case '[':
			i = bracketEnd(pattern, i)
			before = false
		case '(':
			open = append(open, inside)
			inside, before = false, false
		case ')':
			before = inside
			if len(open) > 0 {
				inside = inside || open[len(open)-1]
				open = open[:len(open)-1]
			}
		case '*', '+', '?', '{':
			if before {
				return true
			}
			inside, before = true, true
			if pattern[i] == '{' {
				if end := strings.IndexByte(pattern[i:], '}'); end > 0 {
					i += end
				}
			}
		default:
			before = false
		}
	}
	return false
}

// bracketEnd is the index of the bracket that ends the list begun at start.
func bracketEnd(pattern string, start int) int {
	i := start + 1
	if i < len(pattern) && pattern[i] == '^' {
		i++
	}
	for i++; i < len(pattern); i++ { // the first character may be a bracket
		if pattern[i] == '[' && i+1 < len(pattern) && strings.IndexByte(":.=", pattern[i+1]) >= 0 {
			if end := strings.Index(pattern[i+2:], pattern[i+1:i+2]+"]"); end >= 0 {
				i += end + 3
				continue
			}
		}
		if pattern[i] == ']' {
			return i
		}
	}
	return len(pattern)
}
