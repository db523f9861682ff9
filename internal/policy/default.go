package policy

import (
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// FileName is where a repository, or an organisation's .github repository,
// keeps its rules.
const FileName = ".github/gatehold.yml"

// EnforcedDefault returns the built-in default as if a repository had asked
// for it in enforce mode. It is for questions on the command line, which
// block nobody; a repository without a rules file is judged by Builtin.
func EnforcedDefault() *Rules {
	file, err := rulesfile.Parse(rulesfile.Source{
		Name: "built-in default, as if enforced",
		Text: []byte("version: 1\nextends: [default]\nmode: enforce\n"),
	})
	if err == nil {
		var rules *Rules
		if rules, err = Compile(nil, file); err == nil {
			return rules
		}
	}
	// As for Builtin: a test compiles the packs.
	panic("policy: the built-in packs do not compile: " + err.Error())
}

// AsAgents returns rules that judge as r does and take every change for an
// agent's that nothing proves human, as with `presume: agent`.
func (r *Rules) AsAgents() *Rules {
	presuming := *r
	presuming.Agents.PresumeAgent, presuming.Plain = true, r
	presuming.digest, presuming.before = digested(&presuming)
	return &presuming
}
