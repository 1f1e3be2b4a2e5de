package exporter

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/nskit/nskit/cmd/internal/exporter/births"
	"github.com/nskit/nskit/internal/fleet"
)

// series are the names of all that the exporter can tell of a host.
func series() []string {
	names := append(fleet.Names(), "nskit_state_file_success", "nskit_build_info")
	for _, f := range append((&remembered{}).families(false), birthFamilies(&births.Counts{})...) {
		names = append(names, f.Name)
	}
	return names
}

// TestAround: rules and the dashboard ask for nothing that is not told, and the dashboard shows all that is.
func TestAround(t *testing.T) {
	known := series()
	shown := map[string]bool{}
	for _, path := range []string{"prometheus/nskit.rules.yml", "prometheus/nskit.recording.yml", "grafana/nskit.json"} {
		text, err := os.ReadFile("../../../packaging/" + path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?:^|[^:a-z_])(nskit_[a-z_]+)`).FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(known, found[1]) {
				t.Errorf("%s: there is no %s", path, found[1])
			}
			shown[found[1]] = shown[found[1]] || path == "grafana/nskit.json"
		}
	}
	for _, name := range known {
		if !shown[name] {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
}

// TestDashboard: each panel has a place of its own and a data source that can be chosen.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("../../../packaging/grafana/nskit.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		UID    string
		Panels []struct {
			ID         int
			Title      string
			GridPos    struct{ X, Y, W, H int }
			Datasource struct{ UID string }
			Targets    []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	places, ids := map[[2]int]bool{}, map[int]bool{}
	for _, p := range board.Panels {
		place := [2]int{p.GridPos.X, p.GridPos.Y}
		if places[place] || ids[p.ID] || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%+v", p)
		}
		places[place], ids[p.ID] = true, true
	}
	if board.UID == "" || len(ids) < 8 {
		t.Errorf("%d panels", len(ids))
	}
}
