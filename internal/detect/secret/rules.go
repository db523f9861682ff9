package secret

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/keyword"
)

// gitleaksRules are the default rules of gitleaks v8.30.1 as data (MIT, see
// LICENSE.gitleaks): id, expression, keywords, entropy, allowed matches. Its
// generic rule is replaced by our own (assign.go), and examples that would look
// like tokens are kept as hashes.
// https://github.com/gitleaks/gitleaks/blob/v8.30.1/config/gitleaks.toml
//
//go:embed gitleaks.json
var gitleaksRules []byte

// rule finds one sort of secret.
type rule struct {
	ID       string   `json:"id"`
	Regex    string   `json:"regex"`
	Keywords []string `json:"keywords"` // one must stand in the text for the expression to be tried
	Entropy  float64  `json:"entropy"`  // bits per byte that the secret must be over
	Path     string   `json:"path"`     // the expression that the file's path must match
	Group    int      `json:"group"`    // of the expression that is the secret; 0: the first that matched
	Allow    []allow  `json:"allow"`
	Examples []string `json:"examples"` // SHA-256, first 16 hex digits, of values that documentation shows

	kind    *detect.Kind
	whole   bool   // the match may span lines: tried on the lines that follow too
	form    bool   // the expression is the token alone: what may stand around it is looked at apart
	named   bool   // the expression asks for the provider's name before the secret
	alone   bool   // see tokenform.Form
	context string // must stand in the lines around
	tail    int    // token characters that must follow a keyword
	digits  int    // that the secret must hold
	need    string // must stand beside a keyword
	orNeed  string // or this
	compile func() *compiled
}

type allow struct {
	Regexes []string `json:"regexes"`
	Target  string   `json:"target"` // "match" or "line"; else the secret
}

type compiled struct {
	regex *regexp.Regexp
	path  *regexp.Regexp
	allow [][]*regexp.Regexp
}

// ruleSet is all rules and the automaton over their keywords.
type ruleSet struct {
	rules   []*rule
	keys    *keyword.Matcher
	byKey   [][]int // keyword to rules
	tail    []int   // keyword to how many token characters must follow it
	assigns []bool  // keyword to whether it can name a secret in an assignment
	long    []int   // rules for tokens that no word announces
}

// longRun is the keyword of rules that are tried where a line holds a run of
// at least minRun token characters.
const (
	longRun = "\x00run"
	minRun  = 32
)

// loaded builds the set on first use: some 5 ms that a process which judges
// nothing does not pay. Expressions are compiled when a keyword first hits.
var loaded = sync.OnceValue(func() *ruleSet {
	var rules []*rule
	if err := json.Unmarshal(gitleaksRules, &rules); err != nil {
		panic("secret: the embedded rules do not parse: " + err.Error()) // a test reads them
	}
	rules = slices.DeleteFunc(rules, func(r *rule) bool { return replaced[r.ID] })
	rules = append(append(rules, formRules()...), ownRules()...)
	s := &ruleSet{}
	var keywords []string
	index := map[string]int{}
	key := func(k string) int {
		i, ok := index[k]
		if !ok {
			i = len(keywords)
			index[k] = i
			keywords = append(keywords, k)
			s.byKey, s.tail, s.assigns = append(s.byKey, nil), append(s.tail, tails[k]), append(s.assigns, false)
		}
		return i
	}
	for n, r := range rules {
		r.prepare()
		for _, k := range r.Keywords {
			if k == longRun {
				s.long = append(s.long, n)
				continue
			}
			i := key(strings.ToLower(k))
			s.byKey[i] = append(s.byKey[i], n)
		}
	}
	for _, k := range assignKeywords {
		s.assigns[key(k)] = true
	}
	s.rules, s.keys = rules, keyword.New(keywords)
	return s
})

// replaced are rules of gitleaks that a reader or a form of our own does better.
var replaced = map[string]bool{"private-key": true, "gcp-api-key": true}

// tails says for keywords that occur in any text how long a run of token
// characters must follow.
var tails = map[string]int{"s.": 24, "sk": 32, "ac": 32, "api-": 26, "sg.": 40, "test_": 31, "live_": 31, "eaaa": 20, "a3t": 10, "asia": 10,
	"abia": 10, "acca": 10, "ltai": 12, "q~": 20, "a3-": 20, "fm1": 40, "sc_": 20, "ext_": 20, "oy2": 40, "hf_": 20,
	"glc_": 20, "eyj": 10, "ey": 17, "akc": 8, "ap6": 8, "nrak": 20, "s-": 20, "sk-": 32}

func (r *rule) prepare() {
	r.kind = kindToken
	r.named = strings.HasPrefix(r.Regex, `(?i)[\w.-]{0,50}?(?:`)
	r.whole = strings.Contains(r.Regex, `[\s\S`) || strings.Contains(r.Regex, `(?s`) || strings.Contains(r.Regex, `[\r\n]`)
	if strings.Contains(r.ID, "private-key") {
		r.kind = kindPrivateKey
	}
	switch {
	case r.ID == "curl-auth-header":
		r.kind, r.need, r.orNeed = kindPassword, "-H", "--header"
	case r.ID == "curl-auth-user":
		r.kind, r.need = kindPassword, "-u" // and --user
	case strings.Contains(r.ID, "password") || strings.HasPrefix(r.ID, "curl-auth"):
		r.kind = kindPassword
	case strings.HasSuffix(r.ID, "-client-id") || strings.HasSuffix(r.ID, "-pub-key") || strings.HasSuffix(r.ID, "public-key"):
		r.kind = kindIdentifier
	}
	r.compile = sync.OnceValue(func() *compiled {
		c := &compiled{regex: regexp.MustCompile(r.Regex)}
		if r.Path != "" {
			c.path = regexp.MustCompile(r.Path)
		}
		for _, a := range r.Allow {
			var list []*regexp.Regexp
			for _, e := range a.Regexes {
				list = append(list, regexp.MustCompile(e))
			}
			c.allow = append(c.allow, list)
		}
		return c
	})
}

// lacks says whether what must stand beside a keyword does not.
func (r *rule) lacks(text string) bool {
	return r.need != "" && !strings.Contains(text, r.need) && (r.orNeed == "" || !strings.Contains(text, r.orNeed))
}

// match is one secret in a text, by its offsets.
type match struct {
	start, end int
}

// find returns the secrets of one rule in a text.
func (r *rule) find(file, text string) []match {
	c := r.compile()
	if c.path != nil && !c.path.MatchString(path.Base(file)) && !c.path.MatchString(file) {
		return nil
	}
	var out []match
	for _, m := range c.regex.FindAllStringSubmatchIndex(text, maxMatches) {
		found := match{m[0], m[1]}
		if g := 2 * r.Group; g > 0 && g+1 < len(m) && m[g] >= 0 {
			found = match{m[g], m[g+1]}
		} else {
			for g := 2; g+1 < len(m); g += 2 {
				if m[g] >= 0 && m[g+1] > m[g] {
					found = match{m[g], m[g+1]}
					break
				}
			}
		}
		if !r.allowed(c, text, m[0], m[1], found) {
			out = append(out, found)
		}
	}
	return out
}

func (r *rule) allowed(c *compiled, text string, from, to int, m match) bool {
	secret := text[m.start:m.end]
	if r.Entropy > 0 && entropy(secret) <= r.Entropy || placeholder(secret) || masked(text, m) ||
		r.digits > 0 && classify(secret).digit < r.digits || r.form && !r.stands(text, m) {
		return true
	}
	for i, a := range r.Allow {
		target := secret
		switch a.Target {
		case "match":
			target = text[from:to]
		case "line":
			target = lineAround(text, from, to)
		}
		for _, re := range c.allow[i] {
			if re.MatchString(target) {
				return true
			}
		}
	}
	return len(r.Examples) > 0 && slices.Contains(r.Examples, fingerprint(secret))
}

// fingerprint is what is kept of values that documentation shows.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:8])
}

// documented are the passwords that NuGet's documentation shows.
var documented = []string{"a0702bc91d699f60", "dba72c00f41f4e4c"}

func lineAround(text string, from, to int) string {
	start := strings.LastIndexByte(text[:from], '\n') + 1
	end := strings.IndexByte(text[to:], '\n')
	if end < 0 {
		return text[start:]
	}
	return text[start : to+end]
}
