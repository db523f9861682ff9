package rules

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge/trial"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

type testCmd struct {
	Dir   string
	Rules string
	Org   string
	JSON  bool
}

func testCommand(std command.IO) *cobra.Command {
	c := &testCmd{Dir: "."}
	cmd := command.New(std, c, "test [DIR]", "Try the cases that stand beside the rules: changes, and what the verdicts must be.",
		"DIR has the tests, *.test.yml; by default it is the one you are in.")
	cmd.Args = command.Optional(&c.Dir)
	f := cmd.Flags()
	f.StringVar(&c.Rules, "rules", "", "Try this rules `FILE`; by default gatehold.yml or .github/gatehold.yml in DIR.")
	f.StringVar(&c.Org, "org", "", OrgHelp)
	f.BoolVar(&c.JSON, "json", false, "Print the outcomes as JSON.")
	return cmd
}

func (c *testCmd) Run(ctx context.Context, std command.IO) error {
	file, err := c.rulesFile()
	if err != nil {
		return err
	}
	rules, err := Load(c.Org, file)
	if err != nil {
		return err
	}
	cases, err := readCases(c.Dir, filepath.Dir(file))
	if err != nil {
		return err
	}
	outcomes := make([]trial.Outcome, 0, len(cases))
	failed := 0
	for i := range cases {
		if err := ctx.Err(); err != nil {
			return err
		}
		o := trial.Try(rules, &cases[i])
		if !o.Passed {
			failed++
		}
		outcomes = append(outcomes, o)
	}
	if c.JSON {
		err = command.WriteJSON(std.Out, struct {
			Rules  string          `json:"rules"` // digest
			Passed int             `json:"passed"`
			Failed int             `json:"failed"`
			Cases  []trial.Outcome `json:"cases"`
		}{rules.Digest(), len(outcomes) - failed, failed, outcomes})
	} else {
		err = printOutcomes(std.Out, outcomes, failed)
	}
	if err == nil && failed > 0 {
		err = command.ErrReported
	}
	return err
}

func printOutcomes(w io.Writer, outcomes []trial.Outcome, failed int) error {
	var b strings.Builder
	for _, o := range outcomes {
		for _, d := range o.Differences {
			fmt.Fprintf(&b, "%s:%d: case %q: %s\n", o.File, o.Line, o.Name, d)
		}
	}
	if failed > 0 {
		fmt.Fprintf(&b, "failed: %d of %d\n", failed, len(outcomes))
	} else {
		fmt.Fprintf(&b, "passed: %d\n", len(outcomes))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// rulesFile finds the rules that are tested.
func (c *testCmd) rulesFile() (string, error) {
	if c.Rules != "" {
		return c.Rules, nil
	}
	for _, name := range []string{"gatehold.yml", policy.FileName} {
		name = filepath.Join(c.Dir, filepath.FromSlash(name))
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return name, nil
		}
	}
	return "", command.Usage("There is no gatehold.yml and no .github/gatehold.yml in %s: name the rules with --rules FILE.", c.Dir)
}

// readCases reads all tests in a directory, and those beside the rules where
// that is another one below it.
func readCases(dir, beside string) ([]rulesfile.Case, error) {
	dirs := []string{dir}
	if rel, err := filepath.Rel(dir, beside); err == nil && rel == ".github" {
		dirs = append(dirs, beside)
	}
	var cases []rulesfile.Case
	var faults []error
	found := false
	for _, d := range dirs {
		root, err := os.OpenRoot(d)
		if err != nil {
			return nil, &gate.Error{Code: "input_unreadable", Text: err.Error(), Err: err}
		}
		defer root.Close()
		names, err := testFiles(d)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			found = true
			more, err := readCaseFile(root, d, name)
			cases, faults = append(cases, more...), append(faults, err)
		}
	}
	if !found {
		return nil, &gate.Error{Code: "no_tests", Text: fmt.Sprintf("There is no test (*.test.yml) in %s, and no tests pass nothing.", dir)}
	}
	if slices.ContainsFunc(faults, func(err error) bool { return err != nil }) {
		return nil, joinProblems(faults...)
	}
	return cases, nil
}

func testFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &gate.Error{Code: "input_unreadable", Text: err.Error(), Err: err}
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && (strings.HasSuffix(e.Name(), ".test.yml") || strings.HasSuffix(e.Name(), ".test.yaml")) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// readCaseFile reads one test file. What its cases take from files beside it
// stays in that directory, links or not.
func readCaseFile(root *os.Root, dir, name string) ([]rulesfile.Case, error) {
	text, err := readBeside(root, name, rulesfile.MaxFileSize+1)
	if err != nil {
		return nil, &gate.Error{Code: "input_unreadable", Text: err.Error(), Err: err}
	}
	source := rulesfile.Source{Name: filepath.ToSlash(filepath.Join(dir, name)), Text: text}
	return rulesfile.ParseCases(source, func(file string) ([]byte, error) {
		return readBeside(root, path.Clean(file), rulesfile.MaxCaseText+1)
	})
}

func readBeside(root *os.Root, name string, max int64) ([]byte, error) {
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a file")
	}
	return io.ReadAll(io.LimitReader(f, max))
}
