package tool

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/deed"
	"github.com/gatehold/gatehold/internal/detect/shell"
)

// What the command of a program comes to that no table knows.
var (
	guessDestroys = &Row{Kind: "unknown-destroys"}
	guessDeletes  = &Row{Kind: "unknown-deletes"}
	guessStops    = &Row{Kind: "stops-guard"}
	guessUnguards = &Row{Kind: "disable-guard"}
)

// The bounds of what may name the deed of a command.
const (
	maxVerbs   = 4  // words that are no flags
	maxProgram = 60 // bytes of the program's name
)

// Guess reads the command of a program that the table does not know by the grammar
// that programs share: PROGRAM databases delete NAME --yes, Remove-ADUser -Force.
// It knows less than a row does, so a verb beside an object is not enough: a flag
// that answers the question beforehand, one that means all, or production must
// stand with it, or the object must be worth much.
func (t *Table) Guess(command *shell.Command) []Match {
	if len(command.Words) == 0 {
		return nil
	}
	c := newCall(command)
	if t.Knows(c.name) {
		return nil
	}
	c.parse(&Tool{})
	words, of := c.deedWords()
	s := c.signs()
	if strings.HasPrefix(c.name, "Remove-") && !command.In.Empty() {
		s.all, s.said = true, "all that it is handed"
	}
	d, ok := c.deed(words, &s)
	if !ok {
		return nil
	}
	row := s.row(d)
	if row == nil {
		return nil
	}
	detail := d.Verb + " " + d.Object + ", by its name alone"
	if s.said != "" {
		detail = d.Verb + " " + d.Object + " with " + s.said + ", by its name alone"
	}
	return []Match{{Row: row, Kind: row.Kind, Object: of, Detail: detail}}
}

// deed is what words of a command say, by one reading after the other.
func (c *call) deed(words []string, s *signs) (deed.Deed, bool) {
	d, ok := deed.Of(words)
	if !ok && c.name != "" && c.name[0] >= 'A' && c.name[0] <= 'Z' {
		d, ok = deed.Name(deed.Split(c.name))
	}
	if !ok {
		d, ok = c.stopped(words)
	}
	if !ok && s.live && (s.sure || s.all) {
		d, ok = deed.Whole(words)
	}
	if low := strings.ToLower(c.name); !ok && (strings.Contains(low, "backup") || strings.Contains(low, "snapshot")) {
		d, ok = deed.Of(append(words, "backup")) // backupd schedule remove
	}
	for i := 0; i < len(c.flags) && !ok && len(words) == 0; i++ { // java -jar admin.jar --drop-database
		if name := c.flags[i].name; strings.HasPrefix(name, "--") {
			if d, ok = deed.Of(deed.Split(name)); d.Worth != deed.Grave {
				ok = false
			}
		}
	}
	return d, ok
}

// stopped reads what a command stops by the name of what it is given:
// Stop-Service VeeamBackupSvc.
func (c *call) stopped(words []string) (deed.Deed, bool) {
	if !slices.ContainsFunc(words[:min(len(words), 3)], func(w string) bool { return w == "stop" || w == "disable" || w == "suspend" }) {
		return deed.Deed{}, false
	}
	for _, p := range c.plain[:min(len(c.plain), maxVerbs+2)] {
		for _, w := range deed.Split(p.text) {
			if w == "backup" || w == "snapshot" {
				return deed.Deed{Act: deed.Stops, Worth: deed.Way, Verb: "stop", Object: p.text}, true
			}
		}
	}
	return deed.Deed{}, false
}

// runners are programs that run the one that is named behind them.
var runners = []string{"npx", "bunx", "pnpx", "uvx", "pipx", "dlx", "sudo", "doas"}

// speech are words with which a sentence begins, and no command.
var speech = []string{"this", "it", "that", "will", "to", "the", "if", "we", "you", "please", "and", "or", "then", "use", "can", "must",
	"should", "never", "not", "do", "don", "when", "a", "an", "for", "in", "is", "be", "note", "warning", "error", "all", "no", "only",
	"with", "on", "by", "after", "before", "as", "are", "may", "export", "local", "set", "return", "case", "test", "expect", "assert",
	"grep", "rg", "sed", "awk", "cat", "echo", "printf", "print", "log", "jq", "yq", "tee", "head", "tail", "cut", "sort", "wc", "ls",
	"man", "which", "type", "command", "alias", "function", "description", "title", "name", "message", "summary", "help", "usage"}

// deedWords are the words that may say what a command does, and how it is called.
func (c *call) deedWords() (words []string, of string) {
	name := c.name
	plain := c.plain
	if slices.Contains(runners, fold(name)) && len(plain) > 0 {
		name, plain = plain[0].text, plain[1:]
	}
	if !programLike(name) {
		return nil, ""
	}
	of = name
	if own := deed.Split(shell.Base(name)); len(own) > 1 {
		if _, ok := deed.Of(own); ok || own[0] == "stop" || own[0] == "disable" { // Remove-ADUser, ./drop-database.sh, Stop-Service
			return own, of
		}
	}
	for _, p := range plain[:min(len(plain), maxVerbs)] {
		if p.perhaps {
			continue
		}
		if !verbLike(p.text) {
			break
		}
		parts := deed.Split(p.text)
		if len(parts) == 0 || deed.Innocent(parts[0]) {
			break // what stands behind it is what that is done to
		}
		words, of = append(words, parts...), of+" "+p.text
	}
	return words, of
}

// programLike tells what can be the name of a program from the first word of a
// sentence, a verb that an unknown language has, and what a variable holds.
func programLike(name string) bool {
	if name == "" || len(name) > maxProgram || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789._@/-:\\") != "" {
		return false
	}
	words := deed.Split(shell.Base(name))
	if len(words) == 0 || len(words) == 1 && (name[0] >= 'A' && name[0] <= 'Z' || deed.Verb(words[0])) {
		return false
	}
	return !slices.Contains(speech, strings.ToLower(name))
}

// verbLike tells a word that can be a verb or an object from a path, an address, a
// number and what a variable holds.
func verbLike(word string) bool {
	return word != "" && len(word) < 50 && (word[0]|0x20) >= 'a' && (word[0]|0x20) <= 'z' &&
		strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz0123456789_:-") == ""
}

// signs are what stands beside a deed.
type signs struct {
	sure, all, live, spare, dry bool
	said                        string
}

var (
	sureFlags = setOf("y yes f force confirm confirmed noconfirm no-confirm no-interaction non-interactive noninteractive noinput no-input " +
		"assume-yes auto-approve autoapprove no-prompt no-prompts skip-confirmation skip-confirm approve force-delete force-destroy " +
		"confirm:$false hard permanent permanently irreversible accept-data-loss quiet")
	dryFlags = setOf("dry-run dryrun dry whatif what-if help h plan simulate noop no-op check preview list n diff")
	allFlags = setOf("all everything all-databases all-namespaces all-tenants all-projects everyone everybody everywhere a")
)

func setOf(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// signs reads the flags and the words of a command.
func (c *call) signs() signs {
	var s signs
	n := words()
	look := func(text string) {
		low := strings.ToLower(text)
		s.live = s.live || len(low) < 100 && n.isLive(low)
		s.all = s.all || low == "*" || low == "all"
		s.spare = s.spare || n.spare(text) || place(low)
	}
	for _, f := range c.flags {
		bare := strings.ToLower(strings.TrimLeft(f.name, "-"))
		switch {
		case dryFlags[bare] && f.value != "false":
			s.dry = true
		case bare == "f" && strings.ContainsAny(f.follow, "./"): // a file
		case sureFlags[bare], strings.HasPrefix(bare, "yes-i"), strings.HasPrefix(bare, "i-know"), bare == "confirm" && f.value != "true":
			s.sure, s.said = true, f.name
		case allFlags[bare]:
			s.all, s.said = true, f.name
		}
		s.live = s.live || n.isLive(bare)
		look(f.value)
		if f.value == "" && !sureFlags[bare] {
			look(f.follow)
		}
	}
	for _, p := range c.plain {
		look(p.text)
	}
	if s.live {
		s.said, s.spare = "production named", false
	}
	return s
}

// place tells a word that names where nobody loses much.
func place(word string) bool {
	for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		switch part {
		case "dev", "development", "local", "localhost", "staging", "stage", "stg", "e2e", "ci", "qa", "demo", "minikube", "kind", "cache",
			"caches", "tmp", "temp", "test", "tests":
			return true
		}
	}
	return false
}

// row is what a deed comes to with what stands beside it; nil for what is left
// to who runs it.
func (s *signs) row(d deed.Deed) *Row {
	strong := 0
	for _, sign := range [...]bool{s.sure, s.all, s.live} {
		if sign {
			strong++
		}
	}
	switch {
	case s.dry || s.spare:
		return nil
	case d.Act == deed.Stops && (d.Worth == deed.Way || strong > 0):
		return guessStops
	case d.Act == deed.Stops:
		return guessUnguards
	case d.Worth == deed.Grave || d.Worth == deed.Way:
		if strong > 0 {
			return guessDestroys
		}
		return guessDeletes
	case strong > 1 || s.live && strong > 0:
		return guessDestroys
	case strong == 1:
		return guessDeletes
	}
	return nil
}
