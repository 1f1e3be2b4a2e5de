package exporter

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/internal/visible"
)

// The measures of the picture, in pixels.
const (
	drawWidth   = 1000
	groupWidth  = 380
	rowHeight   = 30
	titleHeight = 34
	groupGap    = 14
	leftX       = 376
	rightX      = 620
	placeX      = 770
	longest     = 34 // characters of a name of a namespace
)

// drawing is a picture of pairs: on the left the namespaces and bridges that have one endpoint, on the
// right the other endpoint with its namespace.
type drawing struct {
	Width, Height, Total, More int
	Groups                     []drawnGroup
	Rows                       []drawnPair
}

// drawnGroup is a namespace, or a bridge in it, with the pairs that begin there.
type drawnGroup struct {
	Title, Full              string
	Y, Width, Height, TitleY int
}

// drawnPair is one pair.
type drawnPair struct {
	State, Curve                  string
	Left, Right, Place, PlaceFull string
	Y, TextY, LeftX, RightX       int
	LeftTextX, RightTextX, PlaceX int
}

// pair is a pair as it will be drawn.
type pair struct {
	group, state, left, right, place string
	own                              bool
}

// draw makes the picture: parts that have a problem first, where there are too many for all.
func draw(survey *veth.Survey, containerOf func(pid int) string) *drawing {
	pairs := pairsOf(survey, &placeNames{containerOf, map[*veth.Place]string{}})
	d := &drawing{Width: drawWidth, Total: len(pairs), More: max(0, len(pairs)-maxPairs)}
	if d.More > 0 {
		slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(rank(a), rank(b)) })
		pairs = pairs[:maxPairs]
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(boolFirst(a.own, b.own), cmp.Compare(a.group, b.group), cmp.Compare(a.left, b.left), cmp.Compare(a.place, b.place))
	})
	y := 4
	for i := 0; i < len(pairs); {
		end := i
		for end < len(pairs) && pairs[end].group == pairs[i].group && pairs[end].own == pairs[i].own {
			end++
		}
		height := titleHeight + (end-i)*rowHeight + 6
		d.Groups = append(d.Groups, drawnGroup{shortened(pairs[i].group), pairs[i].group, y, groupWidth, height, y + 21})
		for ; i < end; i++ {
			d.Rows = append(d.Rows, drawPair(&pairs[i], y+titleHeight+rowHeight/2))
			y += rowHeight
		}
		y += titleHeight + 6 + groupGap
	}
	d.Height = y
	return d
}

// drawPair places one pair at a height.
func drawPair(c *pair, y int) drawnPair {
	return drawnPair{
		State: c.state, Left: c.left, Right: c.right, Place: shortened(c.place), PlaceFull: c.place,
		Curve: fmt.Sprintf("M%d %d C%d %d %d %d %d %d", leftX, y, leftX+90, y+9, rightX-90, y-9, rightX, y),
		Y:     y, TextY: y + 4, LeftX: leftX, RightX: rightX, LeftTextX: leftX - 16, RightTextX: rightX + 12, PlaceX: placeX,
	}
}

// rank puts what has a problem before the rest.
func rank(c pair) int {
	return slices.Index([]string{"peer_unpopulated", "peer_unseen", "no_carrier", "connected"}, c.state)
}

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// pairsOf decides which endpoint of each pair is on the left: the host's, or that on a bridge.
func pairsOf(survey *veth.Survey, names *placeNames) []pair {
	bridges := map[spot]string{}
	for i := range survey.Bridges {
		b := &survey.Bridges[i]
		bridges[spot{b.NS, b.Index}] = b.Name
	}
	bridgeOf := func(s *veth.Side) string { return bridges[spot{s.NS, s.MasterIndex}] }
	var all []pair
	for i := range survey.Pairs {
		left, right := &survey.Pairs[i].A, survey.Pairs[i].B
		if left.NS == nil || right != nil && right.NS != nil && weight(right, bridgeOf(right)) > weight(left, bridgeOf(left)) {
			left, right = right, left
		}
		if left == nil || left.NS == nil {
			continue
		}
		c := pair{group: names.of(left), own: left.Place != nil && left.Place.Own, left: visible.Text(left.Name), state: fleet.StateOf(left, right), right: "?", place: "gone"}
		if name := bridgeOf(left); name != "" {
			c.group += " · bridge " + visible.Text(name)
		}
		if right != nil {
			c.right, c.place = visible.Text(cmp.Or(right.Name, "?")), names.of(right)
		}
		all = append(all, c)
	}
	return all
}

// spot is a link by its namespace and its index there.
type spot struct {
	ns    *veth.Namespace
	index int
}

// weight is how much an endpoint belongs on the left.
func weight(s *veth.Side, bridge string) int {
	n := 0
	if s.Place != nil && s.Place.Own {
		n += 2
	}
	if bridge != "" {
		n++
	}
	return n
}

// placeNames names namespaces, for the picture alone: a scrape of the metrics needs no names of containers.
type placeNames struct {
	// containerOf is the container that a process is in, "" for none.
	containerOf func(pid int) string
	known       map[*veth.Place]string
}

// of is the namespace of an endpoint.
func (n *placeNames) of(s *veth.Side) string {
	switch {
	case s.Place == nil:
		return "not reachable (" + visible.Text(s.Where()) + ")"
	case s.Place.Own:
		return "this host"
	}
	if n.known[s.Place] == "" {
		place := *s.Place // others draw the same survey
		if place.Name == "" && place.PID != 0 {
			place.Container = n.containerOf(place.PID)
		}
		n.known[s.Place] = visible.Text(place.String())
	}
	return n.known[s.Place]
}

// shortened is a text that fits.
func shortened(text string) string {
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	runes := []rune(text)
	return string(runes[:longest/2]) + "…" + string(runes[len(runes)-longest/2+1:])
}
