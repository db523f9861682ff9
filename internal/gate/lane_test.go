package gate_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

func TestLanesOfBranches(t *testing.T) {
	lanes := &gate.Lanes{Default: "main", Named: []string{"release/**", "hotfix/*", "Release/1", "v?", "a/**/z", "release/9"},
		Protected: []string{"develop", "deploy"}}
	for branch, want := range map[string]gate.Lane{
		"main": gate.DefaultLane, "Main": gate.NoLane, "refs/heads/main": gate.NoLane, "": gate.DefaultLane, "main2": gate.NoLane,
		"release/1": "release/**", "release/1/x": "release/**", "release": gate.NoLane, "releases/1": gate.NoLane,
		"release/9": "release/**",
		"Release/1": "Release/1", "hotfix/a": "hotfix/*", "hotfix/a/b": gate.NoLane, "v1": "v?", "v10": gate.NoLane,
		"a/z": "a/**/z", "a/b/c/z": "a/**/z", "a/b": gate.NoLane, "develop": "develop", "Develop": gate.NoLane,
		"stage": gate.NoLane, "deploy": "deploy",
	} {
		if got := lanes.Of(branch); got != want {
			t.Errorf("%q is of %q, want %q", branch, got, want)
		}
	}
	for lane, name := range map[gate.Lane]string{
		gate.DefaultLane: "gatehold", gate.NoLane: "gatehold: no lane", "release/**": "gatehold: release/**",
		"deploy": "gatehold: branch deploy", "Deploy": "gatehold: branch Deploy", // "gatehold: deploy" is the check of a workflow run
	} {
		if got := lane.Check(); got != name {
			t.Errorf("the check of %q is %q, want %q", lane, got, name)
		}
	}
	var unknown *gate.Lanes
	if unknown.Of("stage") != gate.DefaultLane || !unknown.OwnRules("stage") {
		t.Error("what is not known is taken for known")
	}
	for _, no := range []string{"", "a b", "refs/heads/x", "/x", "x/", "x//y", "a**", "[x]", "x\n", ".x", "x/.y", "~ALL",
		"a..^b", strings.Repeat("x", 256)} {
		if gate.IsLanePattern(no) {
			t.Errorf("%q is taken for a pattern", no)
		}
	}
}

func TestWhatACheckSaidStaysWhereItWasEarned(t *testing.T) {
	lanes := &gate.Lanes{Default: "main", Named: []string{"release/**", "hotfix"}, Protected: []string{"develop"}}
	for _, c := range []struct {
		lane  gate.Lane
		bases []string
		want  bool
	}{
		{gate.DefaultLane, []string{"main"}, true}, {gate.DefaultLane, []string{"main", "stage"}, false},
		{gate.DefaultLane, []string{"old"}, false},
		{gate.DefaultLane, nil, false}, {"release/**", []string{"release/1"}, false}, {"hotfix", []string{"hotfix"}, true},
		{"develop", []string{"develop"}, true},
		{"gone", []string{"gone"}, false}, {gate.NoLane, []string{"stage"}, true},
	} {
		if got := lanes.Stands(c.lane, c.bases); got != c.want {
			t.Errorf("%q for %q stands: %v", c.lane, c.bases, got)
		}
	}
}

// Whatever the names, checks of different lanes are different to GitHub, which
// does not see letter case; none is a deployment's; and each is known again.
func TestEachLaneHasACheckOfItsOwn(t *testing.T) {
	name := rapid.StringMatching(`(deploy|Deploy|no|lane|branch|main|[a-zA-Z*?]{1,4})(/([a-zA-Z*?]{1,3}|\*\*))?`)
	rapid.Check(t, func(t *rapid.T) {
		lanes := (&gate.Lanes{Default: name.Draw(t, "default"), Named: rapid.SliceOf(name).Draw(t, "named")}).
			WithGuarded(rapid.SliceOf(name).Draw(t, "protected"), nil)
		known := map[string]gate.Lane{}
		for _, branch := range append(rapid.SliceOfN(name, 5, 20).Draw(t, "branches"), lanes.Default) {
			lane := lanes.Of(branch)
			if again := lanes.Of(branch); again != lane || (lane == gate.DefaultLane) != (branch == lanes.Default) {
				t.Fatalf("%q is of %q and of %q", branch, lane, again)
			}
			check := lane.Check()
			if was, ok := known[strings.ToLower(check)]; ok && was != lane {
				t.Fatalf("%q and %q have the check %q", was, lane, check)
			}
			known[strings.ToLower(check)] = lane
			if strings.EqualFold(check, gate.RunCheck) || strings.HasPrefix(strings.ToLower(check), gate.RunCheck+" to ") {
				t.Fatalf("%q has the check of a deployment", lane)
			}
			valid := lane == gate.DefaultLane || lane == gate.NoLane || gate.IsLanePattern(string(lane))
			if back, ok := gate.LaneOfCheck(check); valid && (!ok || back != lane) {
				t.Fatalf("%q is read as the lane %q, %v, not %q", check, back, ok, lane)
			}
		}
	})
}
