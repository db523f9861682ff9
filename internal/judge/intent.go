package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/words"
)

// An intent is what a task declared it would touch, in the text of the pull
// request or of an issue that it resolves (see readIssues): a fenced block whose
// info string is `gatehold-intent`, or YAML under a line `gatehold:`.
//
//	```gatehold-intent
//	paths: [services/billing/**]
//	kinds: [sql, migration]
//	environments: [staging]
//	```
//
// Whoever writes the change can write this too, so that it never lowers
// anything: what lies outside is a finding, what lies inside is judged as ever.
type intent struct {
	issue        string // where it stands: "issue #12 by @ana"; empty: in the pull request
	fault        string // why it could not be read
	paths        *glob.Set
	kinds        *rulesfile.DetectSet
	environments []string // in lower case; nil: not declared
}

// Bounds on what is read of a pull request's text.
const (
	maxIntents    = 4
	maxIntentSize = 16 << 10
	maxIntentBody = 256 << 10
)

var intentFence = regexp.MustCompile("^\\s{0,3}(```+|~~~+)[ \t]*(?:ya?ml[ \t]+)?gatehold-intent[ \t]*$")

// readIntents finds all blocks. Several are all kept to: a change must lie
// within each of them. Blocks over the bound are a fault, once.
func readIntents(body string) []intent {
	if !strings.Contains(body, "gatehold") {
		return nil
	}
	if len(body) > maxIntentBody {
		body = body[:maxIntentBody]
	}
	lines := strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n")
	var out []intent
	for i := 0; i < len(lines) && len(out) <= maxIntents; i++ {
		line := lines[i]
		if m := intentFence.FindStringSubmatch(line); m != nil {
			end := i + 1
			for end < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[end]), m[1]) {
				end++
			}
			out = append(out, parseIntent(strings.Join(lines[i+1:min(end, len(lines))], "\n"), end < len(lines)))
			i = end
			continue
		}
		if strings.TrimRight(line, " \t") == "gatehold:" {
			end := i + 1
			for end < len(lines) && (strings.HasPrefix(lines[end], " ") || strings.HasPrefix(lines[end], "- ")) {
				end++
			}
			if end > i+1 {
				out = append(out, parseIntent(strings.Join(lines[i+1:end], "\n"), true))
				i = end - 1
			}
		}
	}
	if len(out) > maxIntents {
		out[maxIntents] = intent{fault: "there are more than " + words.Plural(maxIntents, "block")}
	}
	return out
}

// parseIntent reads a block tolerantly: one entry or a list of them, unknown
// keys passed over, a pattern that is none at all a fault.
func parseIntent(text string, closed bool) intent {
	if !closed {
		return intent{fault: "the block is not closed"}
	}
	if len(text) > maxIntentSize {
		return intent{fault: "the block is too long"}
	}
	var root yaml.Node
	err := yaml.Load([]byte(text), &root, yaml.WithV4Defaults(),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(8), loaderlimits.AliasValue(0))))
	if err != nil || len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return intent{fault: "the block is no YAML mapping of paths, kinds and environments"}
	}
	var in intent
	known := 0
	for i := 0; i+1 < len(root.Content[0].Content); i += 2 {
		key, value := root.Content[0].Content[i].Value, root.Content[0].Content[i+1]
		switch strings.ToLower(key) {
		case "paths", "path":
			known++
			in.readPaths(entriesOf(value))
		case "kinds", "kind":
			known++
			in.readKinds(entriesOf(value))
		case "environments", "environment":
			known++
			in.environments = []string{}
			for _, e := range entriesOf(value) {
				in.environments = append(in.environments, strings.ToLower(e))
			}
		}
	}
	if known == 0 {
		in.fault = "the block declares no paths, kinds or environments"
	}
	return in
}

func (in *intent) readPaths(patterns []string) {
	for i, p := range patterns {
		// What people write of a folder: docs, docs/, ./docs, /docs.
		p = strings.TrimPrefix(strings.TrimPrefix(p, "./"), "/")
		if strings.HasSuffix(p, "/") {
			p += "**"
		}
		patterns[i] = p
	}
	if len(patterns) == 0 {
		patterns = []string{"[!/]"} // nothing is declared: nearly all lies outside
	}
	set, errs := glob.CompileSet(patterns)
	for i, err := range errs {
		if err != nil && in.fault == "" {
			in.fault = "the path " + redact.Quote(words.Clip(patterns[i])) + " is no pattern"
		}
	}
	in.paths = set
}

func (in *intent) readKinds(kinds []string) {
	written := make([]string, 0, len(kinds))
	for _, k := range kinds {
		if !strings.Contains(k, "/") {
			k += "/*"
		}
		written = append(written, k)
	}
	in.kinds = rulesfile.NewDetectSet(written)
}

func entriesOf(n *yaml.Node) []string {
	var out []string
	switch n.Kind {
	case yaml.ScalarNode:
		if s := strings.TrimSpace(n.Value); s != "" && n.Tag != "!!null" {
			out = append(out, s)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if s := strings.TrimSpace(item.Value); item.Kind == yaml.ScalarNode && s != "" && len(out) < 200 {
				out = append(out, s)
			}
		}
	}
	return out
}

// intentFaults are the blocks that could not be read.
func (j *judgement) intentFaults() []detect.Observation {
	var out []detect.Observation
	for _, in := range j.intents {
		if in.fault != "" {
			out = append(out, detect.Observation{Kind: judged.UnreadableIntent, Args: in.issue,
				Detail: words.ClipTo(strings.TrimPrefix(in.issue+": "+in.fault, ": "), 300)})
		}
	}
	return out
}

// outsideIntent compares one file, and what was observed in it, with what was
// declared. A file lies outside once, whatever the number of ways.
func (j *judgement) outsideIntent(n policy.Paths, observed []string) (detect.Observation, bool) {
	for i := range j.intents {
		in := &j.intents[i]
		if in.fault == "" && in.paths != nil && !in.holds(n) {
			return outsideOf(n.File.Path, in.declared("paths ")+shortList(in.paths.Patterns()), in, in.paths.Patterns()), true
		}
	}
	if o, ok := j.outsideKinds(n.File.Path, observed); ok {
		return o, true
	}
	for i := range j.intents {
		in := &j.intents[i]
		if in.fault != "" || in.environments == nil {
			continue
		}
		for k := range j.rules.Boundaries {
			b := &j.rules.Boundaries[k]
			own := b.Environments()
			if len(own) > 0 && b.Holds(n) && !slices.ContainsFunc(own, func(e string) bool { return slices.Contains(in.environments, e) }) {
				return outsideOf(n.File.Path,
					in.declared("environments ")+shortList(in.environments)+", this belongs to "+b.Name, in,
					append([]string{b.Name}, in.environments...)), true
			}
		}
	}
	return detect.Observation{}, false
}

// outsideKinds compares what was observed at a path, or of the change as a
// whole, with the kinds that were declared.
func (j *judgement) outsideKinds(path string, observed []string) (detect.Observation, bool) {
	for i := range j.intents {
		in := &j.intents[i]
		if in.fault != "" || in.kinds == nil {
			continue
		}
		for _, kind := range observed {
			if !in.kinds.Match(kind) {
				return outsideOf(path, in.declared("kinds ")+shortList(in.kinds.Written)+", done is "+kind, in,
					append([]string{kind}, in.kinds.Written...)), true
			}
		}
	}
	return detect.Observation{}, false
}

// declared: "declared in issue #12 by @ana are the paths ".
func (in *intent) declared(what string) string {
	if in.issue == "" {
		return "declared are the " + what
	}
	return "declared in " + in.issue + " are the " + what
}

// holds asks for both paths of a renamed file: moving something out of the
// declared folder leaves it.
func (in *intent) holds(n policy.Paths) bool {
	return in.paths.Match(n.File.Path, n.Folded) &&
		(n.OldFolded == "" || in.paths.Match(n.File.PreviousPath, n.OldFolded))
}

func outsideOf(path, detail string, in *intent, declared []string) detect.Observation {
	sum := sha256.Sum256([]byte(in.issue + "\x00" + strings.Join(declared, "\x00")))
	return detect.Observation{Kind: judged.OutsideIntent, Path: path, Detail: words.ClipTo(detail, 300), Args: hex.EncodeToString(sum[:8])}
}

func shortList(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	if len(words) > 5 {
		return strings.Join(words[:5], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}

// Bounds of what a verdict tells of intents.
const (
	maxDeclared = 12 // of each list
	maxOutside  = 20
)

// saw notes what was observed, to be told beside what was declared.
func (j *judgement) saw(kinds ...string) {
	if len(j.intents) == 0 {
		return
	}
	if j.seen == nil {
		j.seen = map[string]bool{}
	}
	for _, k := range kinds {
		j.seen[k] = true
	}
}

// lies notes what lies outside of an intent.
func (j *judgement) lies(o detect.Observation) {
	j.outside[o.Path] = true
	j.beyond = append(j.beyond, gate.Outside{Path: redact.Quote(words.ClipTo(o.Path, 300)), How: redact.Quote(o.Detail)})
}

// intent is what was declared beside what was done; nil where nothing was declared.
func (j *judgement) intent() *gate.Intent {
	if len(j.intents) == 0 {
		return nil
	}
	out := &gate.Intent{Files: len(j.change.Files), Kinds: few(slices.Sorted(maps.Keys(j.seen))), Outside: j.beyond}
	for _, in := range j.intents {
		d := gate.Scope{Where: redact.Quote(in.issue), Fault: redact.Quote(words.ClipTo(in.fault, 300))}
		if in.fault == "" {
			d.Environments = few(in.environments)
			if in.paths != nil {
				d.Paths = few(in.paths.Patterns())
			}
			if in.kinds != nil {
				d.Kinds = few(in.kinds.Written)
			}
		}
		out.Declared = append(out.Declared, d)
	}
	folders := map[string]bool{}
	for i := range j.change.Files {
		folders[path.Dir(j.change.Files[i].Path)] = true
	}
	out.Folders = few(slices.Sorted(maps.Keys(folders)))
	if out.Omitted = max(0, len(out.Outside)-maxOutside); out.Omitted > 0 {
		out.Outside = out.Outside[:maxOutside]
	}
	if out.Outside == nil {
		out.Outside = []gate.Outside{}
	}
	return out
}

// few are the first of a list, each as it may be shown. A list that is not nil stays
// one.
func few(list []string) []string {
	if list == nil {
		return nil
	}
	out := []string{}
	for i, s := range list {
		if i == maxDeclared {
			return append(out, "…")
		}
		out = append(out, redact.Quote(words.ClipTo(s, 200)))
	}
	return out
}
