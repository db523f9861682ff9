// Package tokenform holds, as data, the forms of tokens that providers
// document, and the names of the variables that their own tools read a
// credential from. forms.json and names.json say for each entry when it was
// written down and where the form is documented: a form that is missing or has
// changed is a line there and no code.
package tokenform

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
)

//go:embed forms.json
var formsJSON []byte

//go:embed names.json
var namesJSON []byte

// Form is one form of token. The expression says what a whole token is, and
// nothing of what may stand before and after it.
type Form struct {
	ID       string   `json:"id"`
	Regex    string   `json:"regex"`    // without groups that capture
	Prefixes []string `json:"prefixes"` // one stands in every such token
	Alone    bool     `json:"alone"`    // too common to be a token where letters stand right before it
	Entropy  float64  `json:"entropy"`  // bits per byte that a token is over
	Digits   int      `json:"digits"`   // that a token holds at least
	Tail     int      `json:"tail"`     // characters of a token that follow the prefix at least
	Examples []string `json:"examples"` // SHA-256, first 16 hex digits, of tokens that documentation shows
	Date     string   `json:"date"`     // year and month in which the entry was written down, which is not when its source was read
	Source   string   `json:"source"`   // where whoever issues it tells of it
}

// Forms are all forms of tokens, by ID.
var Forms = sync.OnceValue(func() []Form {
	var forms []Form
	if err := json.Unmarshal(formsJSON, &forms); err != nil {
		panic("tokenform: the embedded forms do not parse: " + err.Error()) // a test reads them
	}
	return forms
})

// Name is a variable that holds a credential, in capitals.
type Name struct {
	Name   string `json:"name"`
	Date   string `json:"date"`
	Source string `json:"source"`
}

var names = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, n := range allNames() {
		set[n.Name] = true
	}
	return set
})

func allNames() []Name {
	var list []Name
	if err := json.Unmarshal(namesJSON, &list); err != nil {
		panic("tokenform: the embedded names do not parse: " + err.Error()) // a test reads them
	}
	return list
}

// Named says whether a provider's tools read a credential from a variable of
// this name, alone or behind another word: PROD_RAILWAY_TOKEN.
func Named(name string) bool {
	name = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	for {
		if names()[name] {
			return true
		}
		_, rest, ok := strings.Cut(name, "_")
		if !ok {
			return false
		}
		name = rest
	}
}
