package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehold/gatehold/internal/cli"
	"github.com/gatehold/gatehold/internal/cli/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gatehold": func() {
			os.Exit(cli.Run(context.Background(), os.Args[1:], command.IO{
				In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv,
			}))
		},
	})
}

// talkative are the scripts whose commands do several things at once: they ask a
// GitHub, or are one. They run in this binary, with its race detector. The others
// start a plain one where this has it: to start with the race detector takes ten
// times as long as what most of them do.
var talkative = []string{"script-answers", "script-demo", "script-doctor", "script-require", "script-rules-preview"}

// plain is a folder with a gatehold without the race detector, and what the linker
// says of what leads to what in it.
func plain(t *testing.T) (dir string, linked []byte) {
	t.Helper()
	dir = t.TempDir()
	linked, err := exec.Command("go", "build", "-race=false", "-ldflags=-w -dumpdep", "-o", dir, "../../cmd/gatehold").CombinedOutput()
	if err != nil {
		t.Fatalf("building gatehold: %v\n%s", err, linked)
	}
	return dir, linked
}

// leftOut holds that nobody looks methods up by a name that is made at run time.
// Where that can be reached, the linker keeps all methods of all types, and the
// binary is half as large again: text/template does so, and much that reads command
// lines or validates by reflection.
func leftOut(t *testing.T, linked []byte) {
	if !bytes.Contains(linked, []byte("cmd/gatehold.main -> ")) && !bytes.Contains(linked, []byte("main.main -> ")) {
		t.Fatalf("the linker does not say what leads to what: %.300s", linked)
	}
	for line := range bytes.Lines(linked) {
		if bytes.Contains(line, []byte("<ReflectMethod>")) {
			t.Errorf("methods are looked up by name: %s", line)
		}
	}
}

// TestScripts runs the commands as people type them. The scripts lie in
// testdata/scripts; `exits CODE COMMAND...` runs a command and wants its code.
func TestScripts(t *testing.T) {
	dir, linked := plain(t)
	t.Run("leave out what nobody calls", func(t *testing.T) { leftOut(t, linked) })
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/scripts",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars,
				"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ana", "GIT_AUTHOR_EMAIL=ana@acme.example",
				"GIT_COMMITTER_NAME=Ana", "GIT_COMMITTER_EMAIL=ana@acme.example",
				"GIT_AUTHOR_DATE=2026-11-02T09:00:00Z", "GIT_COMMITTER_DATE=2026-11-02T09:00:00Z")
			if !raced || !slices.Contains(talkative, filepath.Base(env.WorkDir)) {
				env.Setenv("PATH", dir+string(filepath.ListSeparator)+env.Getenv("PATH"))
			}
			env.Values[stageKey{}] = &stage{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "github": github, "history": history, "sql": runSQL},
	})
}

// runSQL does to a SQLite file what somebody with write access can do: `sql FILE
// STATEMENT`.
func runSQL(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(args[1])
	ts.Check(errors.Join(err, db.Close()))
}

func exits(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
