package detect

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"
)

// Kinds are the kinds of one detector, each kept as a file that people who do
// not write Go can read and add to: kinds/NAME.txtar. Its head has a line for
// each of
//
//	risk: 80
//	title: drops a table
//	why: The rows are gone when the statement commits.
//	controls: owasp-asi02, maestro-l2
//	path: db/migrations/0007_example.sql
//
// and its sections are the examples: "fires" must be reported, "quiet" must not
// be; "fires before" and "quiet before" are what was there before them. A file
// that is deleted has a "fires before" alone. With "escaped: true", \u0041 and
// \U00010041 in the examples stand for characters: those that show nothing, and
// one of each secret, so that no scanner takes it for a live one.
//
// The files are read once, when the first of the kinds is asked for.
type Kinds struct {
	detector string
	files    fs.FS
	like     *Kinds

	read  sync.Once
	named map[string]*Kind
	all   []*Kind
}

// KindsOf are the kinds of a detector in files.
func KindsOf(detector string, files fs.FS) *Kinds {
	return &Kinds{detector: detector, files: files, named: map[string]*Kind{}}
}

// Like has what a file's head leaves out be taken from the kind of the same name
// in another set: one that several detectors see, each in its own language.
func (k *Kinds) Like(other *Kinds) *Kinds {
	k.like = other
	return k
}

// Of is the kind of that name. It is for package variables: what the file says
// is there once Read or All was called.
func (k *Kinds) Of(name string) *Kind {
	if k.named[name] == nil {
		k.named[name] = &Kind{ID: k.detector + "/" + name, set: k}
	}
	return k.named[name]
}

// Built is a kind whose examples are words for changes that texts alone cannot
// say.
func (k *Kinds) Built(name string, build Build) *Kind {
	kind := k.Told(name)
	kind.Build = build
	return kind
}

// Told is a kind whose examples are words, and that no text alone shows.
func (k *Kinds) Told(name string) *Kind {
	kind := k.Of(name)
	kind.told = true
	return kind
}

// All are the kinds by their names. It panics where a file cannot be read or is
// nobody's, which a test of every detector would show.
func (k *Kinds) All() []*Kind {
	k.read.Do(func() {
		names, err := fs.Glob(k.files, "kinds/*.txtar")
		if err == nil && len(names) != len(k.named) {
			err = fmt.Errorf("there are %d files for %d kinds", len(names), len(k.named))
		}
		for _, file := range names {
			kind := k.named[strings.TrimSuffix(path.Base(file), ".txtar")]
			if kind == nil {
				err = fmt.Errorf("%s is of no kind that is reported", file)
				break
			}
			text, readErr := fs.ReadFile(k.files, file)
			if readErr == nil {
				readErr = kind.parse(text)
			}
			if err == nil && readErr != nil {
				err = fmt.Errorf("%s: %w", file, readErr)
			}
			k.all = append(k.all, kind)
		}
		if err != nil {
			panic("detect: the kinds of " + k.detector + ": " + err.Error())
		}
	})
	return slices.Clone(k.all)
}

// Read returns the kind with all that its file says.
func (k *Kind) Read() *Kind {
	if k.set != nil {
		k.set.All()
	}
	return k
}

func (k *Kind) parse(text []byte) error {
	a := txtar.Parse(text)
	if like := k.set.like; like != nil {
		if base := like.named[strings.TrimPrefix(k.ID, k.set.detector+"/")]; base != nil {
			base.Read()
			k.Risk, k.Title, k.Why, k.Controls = base.Risk, base.Title, base.Why, base.Controls
		}
	}
	escaped := false
	for line := range strings.Lines(string(a.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		var err error
		switch key {
		case "":
		case "risk":
			k.Risk, err = strconv.Atoi(value)
		case "title":
			k.Title = value
		case "why":
			k.Why = value
		case "controls":
			k.Controls = strings.Split(value, ", ")
		case "path":
			k.ExamplePath = value
		case "escaped":
			escaped, err = strconv.ParseBool(value)
		default:
			err = fmt.Errorf("unknown line %q", key)
		}
		if err != nil {
			return err
		}
	}
	for _, section := range a.Files {
		at := map[string]*string{"fires before": &k.FiresBefore, "fires": &k.Fires, "quiet before": &k.QuietBefore,
			"quiet": &k.Quiet}[section.Name]
		if at == nil {
			return fmt.Errorf("unknown section %q", section.Name)
		}
		*at = string(section.Data)
		if k.told {
			*at = strings.TrimSpace(*at)
		}
		if escaped {
			var err error
			if *at, err = unescaped(*at); err != nil {
				return err
			}
		}
	}
	return nil
}

// unescaped puts characters in the place of \uXXXX and \UXXXXXXXX.
func unescaped(s string) (string, error) {
	var out strings.Builder
	for s != "" {
		digits := map[bool]int{strings.HasPrefix(s, `\u`): 4, strings.HasPrefix(s, `\U`): 8}[true]
		if digits == 0 {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		if len(s) < 2+digits {
			return "", fmt.Errorf("%q is no character", s)
		}
		r, err := strconv.ParseUint(s[2:2+digits], 16, 32)
		if err != nil {
			return "", err
		}
		out.WriteRune(rune(r))
		s = s[2+digits:]
	}
	return out.String(), nil
}
