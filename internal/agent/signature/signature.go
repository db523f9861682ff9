// Package signature holds, as data, what coding agents and other automation
// leave on a change, and by which they are known: a file for each in agents/,
// which says when it was written down and where the signs are documented or were
// seen. A new agent, or a new sign of one, is a line there and no code.
//
// What a sign is worth is not decided here: package agent weighs what GitHub
// vouches for, what an agent says of itself, and what is circumstance.
package signature

import (
	"bytes"
	"embed"
	"io/fs"
	"sync"

	"go.yaml.in/yaml/v4"
)

//go:embed agents/*.yaml
var files embed.FS

// Agent is all by which one agent is known. All texts are in lower case but
// those of Sessions: they are compared with what was lowered.
type Agent struct {
	Name   string `yaml:"agent"`
	Date   string `yaml:"date"`   // year and month in which the file was looked through
	Source string `yaml:"source"` // where its signs are documented, or were seen

	Accounts []Account `yaml:"accounts"`
	Emails   []string  `yaml:"emails"`   // whole addresses, never domains: people work at these companies
	Authors  []string  `yaml:"authors"`  // of commits; names that no person bears
	Names    []Name    `yaml:"names"`    // in trailers and credits
	Models   []string  `yaml:"models"`   // beginnings, with what must not be missing: "claude" alone is a person
	Trailers []Trailer `yaml:"trailers"` // that only this agent writes
	Texts    []Text    `yaml:"texts"`
	Branches []Branch  `yaml:"branches"`
	// Labels that people put on its pull requests. One that merely names a product
	// says what a change is about.
	Labels   []string  `yaml:"labels"`
	Sessions []Session `yaml:"sessions"`
}

// Duty says what an account does.
type Duty string

// The duties.
const (
	Coder     Duty = ""          // a coding agent
	Suggester Duty = "suggester" // comments; what a human takes of it carries its name, and counts
	Reviewer  Duty = "reviewer"  // comments; one suggestion that a human takes makes no agent's change
	Helper    Duty = "helper"    // automation that writes no code of its own
	Transport Duty = "transport" // GitHub itself: carries what people decide
)

// Account is an account at GitHub. It is matched by id first, by login second.
type Account struct {
	Login string `yaml:"login"`
	ID    int64  `yaml:"id"` // 0: not known
	Duty  Duty   `yaml:"duty"`
}

// Name is what an agent is called where a trailer or a credit names its tool.
type Name struct {
	Name string `yaml:"name"`
	// Ambiguous names are first names of people or common words as well: where
	// nothing else speaks, a co-author so called proves nothing.
	Ambiguous bool `yaml:"ambiguous"`
	Personal  bool `yaml:"personal"` // what people are called: what follows it tells
	Common    bool `yaml:"common"`   // a word of the trade: it counts where it is written as a name
}

// Trailer is a key, and what its value must begin with.
type Trailer struct {
	Key   string `yaml:"key"`
	Value string `yaml:"value"`
}

// Text is a phrase that an agent puts into a body or a message. It counts on a
// line that is neither quoted nor code.
type Text struct {
	Phrase    string `yaml:"phrase"`
	Start     bool   `yaml:"start"`     // only where a line begins with it, after any emoji and list marks
	Link      bool   `yaml:"link"`      // only where the text has a link at all
	Host      bool   `yaml:"host"`      // it begins with a host: "docs.cursor.com" is another
	Suspected bool   `yaml:"suspected"` // people write it as well: no word of the agent's own
}

// Branch is how the names of branches begin. A word alone ("gpt-5-codex",
// "sweep-issue-template") is what people call their own: the prefix has its
// separator, or is followed by so many digits at least.
type Branch struct {
	Prefix string `yaml:"prefix"`
	Digits int    `yaml:"digits"`
}

// Session is where an agent keeps its sessions. "*" stands for one segment of a
// path; behind the last there is one more, the session's id. With Bare the id
// stands in the query, and the place itself is an address.
type Session struct {
	Host string `yaml:"host"`
	Path string `yaml:"path"`
	Bare bool   `yaml:"bare"`
}

// Unnamed stands for an agent that left a sign, but not which one it is.
const Unnamed = "unnamed agent"

// All are the agents of all files, by name of file. It panics where one cannot be
// read, which a test would show. Nobody may change what it gives.
var All = sync.OnceValue(func() []Agent {
	list, err := fs.Glob(files, "agents/*.yaml")
	if err != nil {
		panic("signature: " + err.Error())
	}
	out := make([]Agent, len(list))
	for i, name := range list {
		text, err := files.ReadFile(name)
		if err == nil {
			decoder := yaml.NewDecoder(bytes.NewReader(text))
			decoder.KnownFields(true)
			err = decoder.Decode(&out[i])
		}
		if err != nil {
			panic("signature: " + name + ": " + err.Error())
		}
	}
	return out
})
