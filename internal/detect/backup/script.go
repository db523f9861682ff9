package backup

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

var (
	// nowhere is where a copy goes to be lost.
	nowhere = pattern.Of(`(?:^|[^2&>])>\s*/dev/null`)
	// toFile is an option that names the file of a dump.
	toFile = pattern.Of(`\s(?:-f|--file|--result-file|-r|--out|-o|--archive|-D|--pgdata|--target-dir)\b`)
	// partly are options by which a dump leaves data out.
	partly = pattern.Of(`\s(--schema-only|--no-data|-s\b|--exclude-(?:table|schema|database)(?:-data)?\b|--ignore-table\b|` +
		`--excludeCollection\b|--exclude(?:-file|-caches)?\b|--iexclude\b)`)
	// every is an option by which a dump takes all databases.
	every = pattern.Of(`\s(?:--all-databases|-A)(?:\s|$)`)
	// target is the bucket or host that a copy is brought to.
	target = pattern.Of(`\b(?:s3|gs|b2|az|sftp)://[\w.$-]+`)
	// leaves ends a script.
	leaves = pattern.Of(`^(?:exit|return)(?:\s+0)?\s*(?:;|#.*)?$`)
)

// script compares the commands of a text that makes copies, before and after:
// one that is still there and copies nothing, or less.
func script(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded || !makes().MatchString(f.Before.Body) {
		return
	}
	was, _ := copies(f.Before.Body)
	is, ends := copies(f.After.Body)
	if _, before := copies(f.Before.Body); ends > 0 && before == 0 {
		r.Add(detect.Observation{Kind: kindOff, Line: ends, Object: "exit", Detail: "the script ends before it makes a copy"})
	}
	for i := range min(len(was), len(is)) {
		from, to := was[i].says, is[i].says
		lost := func(s string) bool { return nowhere().MatchString(s) && !toFile().MatchString(s) }
		if !lost(from) && lost(to) {
			r.Add(detect.Observation{Kind: kindOff, Line: is[i].line, Object: "/dev/null", Detail: "the copy is thrown away"})
		}
		if a, b := target().FindString(from), target().FindString(to); a != "" && b != "" && a != b && !strings.Contains(a+b, "$") {
			r.Add(detect.Observation{Kind: kindElsewhere, Line: is[i].line, Object: b, Detail: a + " to " + b})
		}
		if every().MatchString(from) && !every().MatchString(to) && !strings.Contains(to, "$") {
			r.Add(detect.Observation{Kind: kindLess, Line: is[i].line, Object: "not all databases"})
		}
		if out := partly().FindAllString(to, 20); len(out) > len(partly().FindAllString(from, 20)) {
			r.Add(detect.Observation{Kind: kindLess, Line: is[i].line, Object: strings.TrimSpace(out[len(out)-1])})
		}
	}
}

// copies are the lines of a text that make copies, and the line of an end
// before the first of them.
func copies(body string) (out []firing, ends int) {
	n := 0
	for line := range strings.Lines(body) {
		n++
		line = strings.TrimRight(line[:min(len(line), 2000)], "\r\n")
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if makes().MatchString(line) && len(out) < 200 {
			out = append(out, firing{says: line, line: n})
		} else if len(out) == 0 && ends == 0 && leaves().MatchString(line) {
			ends = n
		}
	}
	if len(out) == 0 {
		ends = 0
	}
	return out, ends
}
