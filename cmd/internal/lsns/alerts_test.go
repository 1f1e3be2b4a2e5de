package lsns

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/fleet"
)

const alerts = "../../../packaging/prometheus/nskit.rules.yml"

// TestAlerts: the alerts use the numbers that there are, and what they tell to type can be typed.
func TestAlerts(t *testing.T) {
	text, err := os.ReadFile(alerts)
	if err != nil {
		t.Fatal(err)
	}
	known := append(fleet.Names(), "nskit_build_info")
	for _, name := range regexp.MustCompile(`\bnskit_[a-z_]+`).FindAllString(string(text), -1) {
		if !slices.Contains(known, name) {
			t.Errorf("there is no %s", name)
		}
	}
	commands := regexp.MustCompile("`nskit lsns (.*?)`").FindAllStringSubmatch(string(text), -1)
	if len(commands) < 5 {
		t.Fatalf("commands: %q", commands)
	}
	for _, found := range commands {
		command := strings.NewReplacer("{{ $labels.type }}", "net", `\"`, `"`).Replace(found[1])
		words, err := exec.Command("sh", "-c", `printf '%s\n' `+command).Output()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := planOf(strings.Split(strings.TrimSuffix(string(words), "\n"), "\n")...); err != nil {
			t.Errorf("lsns %s: %v", command, err)
		}
	}
}

// TestAlertRules has promtool, where it is, test the rules.
func TestAlertRules(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("without promtool")
		return
	}
	for _, args := range [][]string{{"check", "rules", "nskit.rules.yml"}, {"check", "rules", "nskit.recording.yml"}, {"test", "rules", "nskit.rules.test.yml"}, {"test", "rules", "nskit.recording.test.yml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = "../../../packaging/prometheus"
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %q: %v\n%s", args, err, said)
		}
	}
}
