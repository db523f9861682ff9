package reading

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

// RulesOf compiles the rules that apply. A file that could not be read for
// now is an error, to be tried again; one that may not be used, or does not
// parse, makes rules that hold everything until somebody mends it.
func (u *Reader) RulesOf(org, repo change.RulesFile) (*policy.Rules, error) {
	for _, file := range []change.RulesFile{org, repo} {
		if file.State == change.RulesUnknown {
			return nil, &gate.Error{Code: "rules_unreadable", Text: "The rules file could not be read: " + file.Reason}
		}
	}
	key := rulesKey(org, repo)
	if rules, ok := u.rules.Get(key); ok {
		return rules, nil
	}
	rules := policy.Load(org, repo)
	u.rules.Add(key, rules)
	return rules, nil
}

// rulesKey names a pair of rules files by all that a verdict shows of them.
func rulesKey(files ...change.RulesFile) string {
	h := sha256.New()
	for _, f := range files {
		h.Write([]byte{byte(f.State)})
		for _, part := range [][]byte{[]byte(f.Name), []byte(f.Reason), f.Text} {
			sum := sha256.Sum256(part)
			h.Write(sum[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
