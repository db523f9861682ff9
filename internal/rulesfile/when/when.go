// Package when compiles and runs the conditions of `when:`, written in CEL
// (https://cel.dev), over the variables change, file, observation and agent.
//
// Cost is bounded twice: an expression whose estimated cost on the largest
// change is over MaxEstimate does not compile, and a run stops at MaxRun. What
// fails when run is an error, and policy counts it as matched: a condition can
// only ever narrow a rule, so that failing narrows nothing.
//
// The CEL environment is made when the first condition is compiled; a process
// whose rules have no `when:` does not pay for it.
package when

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// Bounds on conditions. Costs are CEL's own units, about one for each step of
// the evaluation and one for every ten characters looked at.
const (
	MaxLength   = 4096       // bytes of an expression
	MaxEstimate = 20_000_000 // estimated for the largest change
	MaxRun      = 200_000    // one run
	Budget      = 5_000_000  // all runs of all conditions over one change
)

// Change is the variable `change`.
type Change struct {
	Repository     string   `cel:"repository"` // "owner/name"
	Number         int64    `cel:"number"`
	BaseRef        string   `cel:"base_ref"` // the branch it goes to
	HeadRef        string   `cel:"head_ref"`
	HeadRepository string   `cel:"head_repository"`
	Fork           bool     `cel:"fork"`
	Title          string   `cel:"title"`
	Body           string   `cel:"body"`
	Labels         []string `cel:"labels"`
	Draft          bool     `cel:"draft"`
	Author         Actor    `cel:"author"`
	Pusher         Actor    `cel:"pusher"`
	Via            string   `cel:"via"`
	Commits        int64    `cel:"commits"`
	Files          int64    `cel:"files"`
	Additions      int64    `cel:"additions"`
	Deletions      int64    `cel:"deletions"`
	Paths          []string `cel:"paths"`
}

// Actor is an account: change.author and change.pusher. Login is the name by which
// the rules know it.
type Actor struct {
	Login string `cel:"login"`
	ID    int64  `cel:"id"`
	Type  string `cel:"type"`
}

// File is the variable `file`: the file that is looked at.
type File struct {
	Path         string `cel:"path"`
	PreviousPath string `cel:"previous_path"`
	Dir          string `cel:"dir"`  // without the last slash; empty at the root
	Name         string `cel:"name"` // the last segment
	Ext          string `cel:"ext"`  // with its dot, in lower case
	Status       string `cel:"status"`
	Mode         string `cel:"mode"`
	PreviousMode string `cel:"previous_mode"`
	Additions    int64  `cel:"additions"`
	Deletions    int64  `cel:"deletions"`
}

// Observation is the variable `observation`: what a detector saw.
type Observation struct {
	ID       string `cel:"id"`
	Detector string `cel:"detector"`
	Path     string `cel:"path"`
	Line     int64  `cel:"line"`
	Removed  bool   `cel:"removed"`
	Object   string `cel:"object"`
	Detail   string `cel:"detail"`
	Risk     int64  `cel:"risk"`
}

// Agent is the variable `agent`: the attribution.
type Agent struct {
	Is          bool     `cel:"is"`
	Strength    string   `cel:"strength"`
	Presumed    bool     `cel:"presumed"`
	Names       []string `cel:"names"`
	Instigators []string `cel:"instigators"`
	Automation  []string `cel:"automation"`
}

// Vars are the values of one run. File and Observation may be nil where the
// condition does not use them.
type Vars struct {
	Change      *Change
	File        *File
	Observation *Observation
	Agent       *Agent
}

// Condition is a compiled expression. It may be run by many goroutines.
type Condition struct {
	Text            string
	UsesFile        bool
	UsesObservation bool
	UsesLogin       bool     // of the author or of the pusher
	Logins          []string // that it may compare them with, in small letters, each once
	program         cel.Program
}

// Error is one fault of an expression. Line and Column count from 1 within it.
type Error struct {
	Line, Column int
	Text         string
}

func (e Error) Error() string { return e.Text }

// Compile compiles an expression that yields a bool.
func Compile(text string) (*Condition, []Error) {
	if strings.TrimSpace(text) == "" {
		return nil, []Error{{1, 1, "the condition is empty"}}
	}
	if len(text) > MaxLength {
		return nil, []Error{{1, 1, fmt.Sprintf("the condition is longer than %d bytes", MaxLength)}}
	}
	env, err := environment()
	if err != nil {
		return nil, []Error{{1, 1, "CEL could not be started: " + err.Error()}}
	}
	checked, issues := env.Compile(text)
	if issues != nil && issues.Err() != nil {
		var out []Error
		for _, e := range issues.Errors() {
			out = append(out, Error{max(e.Location.Line(), 1), max(e.Location.Column(), 0) + 1, e.Message})
		}
		return nil, out
	}
	if checked.OutputType() != cel.BoolType {
		return nil, []Error{{1, 1, fmt.Sprintf("the condition must be true or false, and this yields %s",
			cel.FormatCELType(checked.OutputType()))}}
	}
	estimate, err := env.EstimateCost(checked, sizes{})
	if err != nil {
		return nil, []Error{{1, 1, "the cost of the condition cannot be estimated: " + err.Error()}}
	}
	if estimate.Max > MaxEstimate {
		return nil,
			[]Error{{1, 1,
				fmt.Sprintf("the condition could cost %d steps on a large change and may cost %d: avoid loops within loops "+
					"and patterns over long texts", estimate.Max, MaxEstimate)}}
	}
	program, err := env.Program(checked, cel.CostLimit(MaxRun), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, []Error{{1, 1, "the condition cannot be planned: " + err.Error()}}
	}
	c := &Condition{Text: text, program: program}
	c.look(checked)
	return c, nil
}

// look notes what an expression is about. Which of its texts are logins cannot be
// told from how it is written: where it asks for one, each that could be is.
func (c *Condition) look(checked *cel.Ast) {
	var logins []string
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			c.UsesFile = c.UsesFile || e.AsIdent() == "file"
			c.UsesObservation = c.UsesObservation || e.AsIdent() == "observation"
		case ast.SelectKind:
			c.UsesLogin = c.UsesLogin || e.AsSelect().FieldName() == "login"
		case ast.LiteralKind:
			if text, is := e.AsLiteral().Value().(string); is && login().MatchString(text) {
				logins = append(logins, strings.ToLower(text))
			}
		}
	}))
	if c.UsesLogin {
		slices.Sort(logins)
		c.Logins = slices.Compact(logins)
	}
}

// login is how GitHub lets accounts be called: those that an enterprise manages have
// its short code behind an underscore, those of Apps a suffix.
// https://docs.github.com/en/enterprise-cloud@latest/admin/concepts/identity-and-access-management/enterprise-managed-users
var login = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,38}(\[bot\])?$`) })

// ErrBudget is returned once the conditions of a change have used up Budget.
var ErrBudget = errors.New("the conditions of the rules cost too much on this change")

// Eval runs the condition and takes its cost from budget.
func (c *Condition) Eval(v Vars, budget *uint64) (bool, error) {
	if *budget == 0 {
		return false, ErrBudget
	}
	vars := map[string]any{"change": v.Change, "agent": v.Agent}
	if v.File != nil {
		vars["file"] = v.File
	}
	if v.Observation != nil {
		vars["observation"] = v.Observation
	}
	out, details, err := c.program.Eval(vars)
	spent := uint64(MaxRun)
	if details != nil && details.ActualCost() != nil {
		spent = *details.ActualCost() + 1
	}
	*budget -= min(*budget, spent)
	if err != nil {
		return false, err
	}
	yes, ok := out.(types.Bool)
	if !ok {
		return false, fmt.Errorf("the condition yielded %s instead of true or false", out.Type().TypeName())
	}
	return bool(yes), nil
}

var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		ext.NativeTypes(
			types.NativeTypeFor[Change](types.NativeTypeAlias("Change"), types.ParseStructTag("cel")),
			types.NativeTypeFor[Actor](types.NativeTypeAlias("Actor"), types.ParseStructTag("cel")),
			types.NativeTypeFor[File](types.NativeTypeAlias("File"), types.ParseStructTag("cel")),
			types.NativeTypeFor[Observation](types.NativeTypeAlias("Observation"), types.ParseStructTag("cel")),
			types.NativeTypeFor[Agent](types.NativeTypeAlias("Agent"), types.ParseStructTag("cel")),
		),
		ext.Strings(ext.StringsVersion(4)),
		cel.Variable("change", cel.ObjectType("Change")),
		cel.Variable("file", cel.ObjectType("File")),
		cel.Variable("observation", cel.ObjectType("Observation")),
		cel.Variable("agent", cel.ObjectType("Agent")),
		cel.ParserRecursionLimit(50),
		cel.ParserExpressionSizeLimit(MaxLength),
	)
})

// sizes tells the cost estimate how large the variables can be.
type sizes struct{}

func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	path := n.Path()
	if len(path) == 0 {
		return nil
	}
	limit := uint64(4096)
	switch path[len(path)-1] {
	case "body":
		limit = 65536
	case "paths":
		limit = 3000
	case "labels", "names", "instigators", "automation":
		limit = 100
	case "title", "login", "repository", "base_ref", "head_ref", "@items":
		limit = 255
	}
	e := cost.SizeEstimate{Min: 0, Max: limit}
	return &e
}
