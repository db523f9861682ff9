package migration

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/sql"
)

// DetectChange compares the schemas that the change's files declare, and looks at
// scripts that come in pairs.
func (detector) DetectChange(c *change.Change, r *detect.Report) {
	compareDeclared(c, r)
	inPairs(c, r)
}

// inPairs looks at scripts that come in pairs, one for each direction: a
// way up that drops tables and has no way back, and a way back that drops what
// its way up did not make.
func inPairs(c *change.Change, r *detect.Report) {
	at := make(map[string]*change.File, len(c.Files))
	for i := range c.Files {
		at[c.Files[i].Path] = &c.Files[i]
	}
	for i := range c.Files {
		f := &c.Files[i]
		if !strings.HasSuffix(f.Path, ".sql") || f.Status != change.Added || f.After.State != change.Loaded ||
			!source.Look(f.Path).Migration {
			continue
		}
		if down, ok := swap(f.Path, "up", "down"); ok && at[down] == nil {
			if _, dropped := sql.Tables(f.After.Body); len(dropped) > 0 {
				name, line := first(dropped)
				r.Add(detect.Observation{Kind: irreversible, Path: f.Path, Line: line, Object: name, Detail: "there is no " + down})
			}
		}
		up, ok := swap(f.Path, "down", "up")
		if !ok || at[up] == nil || at[up].After.State != change.Loaded {
			continue
		}
		made, _ := sql.Tables(at[up].After.Body)
		_, dropped := sql.Tables(f.After.Body)
		for name := range made {
			delete(dropped, name)
		}
		if len(dropped) > 0 {
			name, line := first(dropped)
			r.Add(detect.Observation{Kind: takesMore, Path: f.Path, Line: line, Object: name})
		}
	}
}

// swap turns x.up.sql into x.down.sql, and up.sql into down.sql.
func swap(path, from, to string) (string, bool) {
	for _, sep := range [...]string{".", "/", "_"} {
		if stem, ok := strings.CutSuffix(path, sep+from+".sql"); ok {
			return stem + sep + to + ".sql", true
		}
	}
	return "", false
}

// first returns the name with the lowest line.
func first(lines map[string]int) (name string, line int) {
	names := make([]string, 0, len(lines))
	for n := range lines {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(lines[a]-lines[b], strings.Compare(a, b)) })
	return names[0], lines[names[0]]
}

// oneWay reports a script with sections whose way up drops tables and whose
// way back is missing.
func oneWay(f *change.File, r *detect.Report) {
	body := strings.ToLower(f.After.Body)
	for _, m := range [...][2]string{{"+goose up", "+goose down"}, {"migrate:up", "migrate:down"}, {"+migrate up", "+migrate down"}} {
		if !strings.Contains(body, m[0]) || strings.Contains(body, m[1]) {
			continue
		}
		if _, dropped := sql.Tables(f.After.Body); len(dropped) > 0 {
			name, line := first(dropped)
			r.Add(detect.Observation{Kind: irreversible, Line: line, Object: name, Detail: "there is no section for the way back"})
		}
		return
	}
}
