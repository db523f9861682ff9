package judge

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/policy"
)

// core is what no verdict may hold of a planted secret.
const core = "Sw0rdf1sh"

// planted are secrets as they stand in changes; each holds core. Those that
// stand between quotes, and those that are statements or commands by themselves.
var (
	plantedWords = []string{
		"https://deploy:Sw0rdf1sh@host.example/x", "postgres://u:Sw0rdf1sh@db:5432/x", "https://Sw0rdf1sh@host.example/x.git",
		"ghp_Sw0rdf1shaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"AKIASw0rdf1shAAAA", "xoxb-1234-5678-Sw0rdf1sh", "sk_live_Sw0rdf1shaaaaaa",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.Sw0rdf1sh", "password=Sw0rdf1sh", "DB_PASSWORD=Sw0rdf1sh",
		"--token=Sw0rdf1sh", "AccountKey=Sw0rdf1sh==", "registry.example/x?access_token=Sw0rdf1sh", "glpat-Sw0rdf1shaaaaaaaa",
		"u:Sw0rdf1sh@tcp(db:3306)/x",
	}
	plantedPieces = []string{
		"Authorization: Bearer Sw0rdf1sh", "--password Sw0rdf1sh", "docker login -p Sw0rdf1sh", "IDENTIFIED BY 'Sw0rdf1sh'",
		"PASSWORD 'Sw0rdf1sh'", "curl -u me:Sw0rdf1sh https://host",
		"mysql -pSw0rdf1sh", "CREATE USER a IDENTIFIED BY 'Sw0rdf1sh'", "token: Sw0rdf1sh", `secret = "Sw0rdf1sh"`,
		"-----BEGIN RSA PRIVATE KEY-----\nSw0rdf1sh\n-----END RSA PRIVATE KEY-----",
		`"ghp_" + "Sw0rdf1shaaaaaaaaaaaaaaaa"`, "Cookie: s=Sw0rdf1sh",
	}
	wordRE = regexp.MustCompile(`[A-Za-z0-9_./:@-]+`)
)

// Whatever secret stands wherever in whatever a detector reports, in a name of a
// file or in what a change says of itself, the verdict on it holds no secret.
func TestNoSecretInAVerdict(t *testing.T) {
	rules := policy.EnforcedDefault()
	var kinds []*detect.Kind
	for _, d := range catalog.All(policy.FileReader{}) {
		for _, k := range d.Kinds() {
			if k.Build == nil {
				kinds = append(kinds, k)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(kinds).Draw(t, "kind")
		after := plant(t, k.Fires, "after")
		before := plant(t, k.FiresBefore, "before")
		f := change.File{Path: k.ExamplePath, Status: change.Modified, Mode: change.ModeFile, Before: change.TextOf(before),
			After: change.TextOf(after)}
		switch {
		case before == "":
			f.Status, f.Before = change.Added, change.NoText()
		case after == "":
			f.Status, f.After = change.Removed, change.NoText()
		}
		c := &change.Change{Repository: "acme/shop", HeadRef: "copilot/fix", BaseRef: "main",
			Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot}}
		word := rapid.SampledFrom(plantedWords).Draw(t, "word")
		if rapid.Bool().Draw(t, "elsewhere") {
			c.Title, c.Body = "Use "+word,
				"Touches only: "+word+"\n\nSession: https://claude.ai/code/session_1?token=Sw0rdf1sh\n\nCo-authored-by: "+word+" <x@y.example>"
			c.Commits = []change.Commit{{SHA: "1", Message: "Use " + word +
				"\n\nCo-authored-by: Claude <noreply@anthropic.com>\nAgent-Session: " + word}}
			if !strings.Contains(word, "//") {
				f.Path = word + "/" + f.Path
			}
			c.Gaps = []string{word + " could not be read"}
		}
		c.Files = []change.File{f}
		v := Change(rules, c)
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if i := strings.Index(string(text), core); i >= 0 {
			t.Fatalf("%s: a verdict says %s", k.ID, text[max(0, i-200):min(len(text), i+60)])
		}
	})
}

// plant puts a secret in the place of a word of text, or beside it.
func plant(t *rapid.T, text, label string) string {
	places := wordRE.FindAllStringIndex(text, -1)
	if len(places) == 0 {
		return text
	}
	at := rapid.SampledFrom(places).Draw(t, label+" place")
	switch rapid.IntRange(0, 4).Draw(t, label+" way") {
	case 0:
		text = text[:at[0]] + rapid.SampledFrom(plantedWords).Draw(t, label) + text[at[1]:]
	case 1:
		text = text[:at[1]] + " " + rapid.SampledFrom(plantedPieces).Draw(t, label) + text[at[1]:]
	case 2:
		text = text[:at[1]] + " " + rapid.SampledFrom(plantedWords).Draw(t, label) + text[at[1]:]
	case 3:
		text = text[:at[0]] + rapid.SampledFrom(plantedPieces).Draw(t, label) + " " + text[at[0]:]
	}
	return text
}
