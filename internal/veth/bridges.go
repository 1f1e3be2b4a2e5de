package veth

// Bridge is a bridge and how many ports it has.
type Bridge struct {
	Link
	Ports int
}

// bridgesOf picks the bridges out of all links of a namespace.
func bridgesOf(links []Link) []Bridge {
	var bridges []Bridge
	for _, link := range links {
		if link.Kind != "bridge" {
			continue
		}
		b := Bridge{Link: link}
		for i := range links {
			if links[i].MasterIndex == link.Index {
				b.Ports++
			}
		}
		bridges = append(bridges, b)
	}
	return bridges
}

// paired are those of some links that are endpoints of pairs.
func paired(links []Link) []Link {
	var ends []Link
	for i := range links {
		if links[i].paired() {
			ends = append(ends, links[i])
		}
	}
	return ends
}
