//go:build services

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

// TestTheActionGetsAndGivesBack runs the steps of deploy/action as a runner does, and the
// same by the command line.
func TestTheActionGetsAndGivesBack(t *testing.T) {
	t.Parallel()
	w, s := newCredentials(t)
	run, err := w.Hub.StartRun(w.Shop, actions.RunSpec{Actor: w.Ana, Jobs: []actions.JobSpec{
		{Name: "production", Environment: "production", IDToken: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.says(run.View().SHA, toProduction, "Held: needs 1 approval", "")
	w.approves(run.View().SHA, toProduction, "Released")
	w.identity(run, s.pages)
	runner, err := w.Hub.RunnerOf(run, "production")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	output, state := filepath.Join(dir, "output"), filepath.Join(dir, "state")
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GITHUB_OUTPUT=" + output, "GITHUB_STATE=" + state, "GITHUB_ACTIONS=true",
		"ACTIONS_ID_TOKEN_REQUEST_URL=" + runner.URL, "ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + runner.Token,
		"INPUT_SERVER=" + s.pages, "INPUT_CREDENTIAL=deploy", "INPUT_TYPE=token", "INPUT_WAIT-MINUTES=0", "GATEHOLD_SERVER=" + s.pages}
	step := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	value := func(file, key string) string {
		text, _ := os.ReadFile(file)
		_, rest, _ := strings.Cut("\n"+string(text), "\n"+key+"=")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	log := step("node", "../../deploy/action/main.js")
	token := value(output, "token")
	if token == "" || !strings.HasPrefix(log, "::add-mask::"+token+"\n") || strings.Count(log, token) != 1 || w.reads(token) != 200 {
		t.Fatalf("the first step says %s, with the token %q", log, token)
	}
	env = append(env, "STATE_credential="+value(state, "credential"))
	if log = step("node", "../../deploy/action/post.js"); w.reads(token) != 401 {
		t.Errorf("the token outlives the last step: %s", log)
	}
	probe := step(binary, "probe", "deploy")
	if n := strings.Count(probe, "refused: "); n != 7 || strings.Contains(probe, "GIVEN") {
		t.Errorf("the probe says\n%s", probe)
	}
	if err := os.Remove(output); err != nil {
		t.Fatal(err)
	}
	step(binary, "credential", "get", "deploy")
	if token = value(output, "token"); token == "" || w.reads(token) != 200 {
		t.Errorf("the command line has the token %q", token)
	}
	env = append(env, "GATEHOLD_STORE="+s.store)
	if list := step(binary, "credential", "list"); !strings.Contains(list, "contents:write") || strings.Contains(list, token) {
		t.Errorf("the list says %s", list)
	}
	step(binary, "credential", "give-back")
	if w.reads(token) != 401 {
		t.Error("the token outlives what gave it back")
	}
}
