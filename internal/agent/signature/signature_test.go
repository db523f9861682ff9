package signature

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var month = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)

// TestEachFileSaysWhenAndWhere: a sign whose origin nobody knows can be neither
// looked up again nor taken out.
func TestEachFileSaysWhenAndWhere(t *testing.T) {
	list, err := files.ReadDir("agents")
	if err != nil || len(list) != len(All()) {
		t.Fatalf("%d files, %d agents: %v", len(list), len(All()), err)
	}
	for i, a := range All() {
		if want := strings.ReplaceAll(a.Name, " ", "-") + ".yaml"; path.Base(list[i].Name()) != want {
			t.Errorf("%s is in %s", a.Name, list[i].Name())
		}
		if !month.MatchString(a.Date) || len(a.Source) < 20 {
			t.Errorf("%s: date %q, source %q", a.Name, a.Date, a.Source)
		}
	}
}

// TestNothingIsSaidOfTwo: a sign that two files name would be that of whichever is
// read last.
func TestNothingIsSaidOfTwo(t *testing.T) {
	of := map[string]string{}
	once := func(kind, sign, agent string) {
		if sign == "" || sign != strings.ToLower(sign) {
			t.Errorf("%s: %s %q is not in lower case", agent, kind, sign)
		}
		if other := of[kind+sign]; other != "" {
			t.Errorf("%s %q is of %s and of %s", kind, sign, other, agent)
		}
		of[kind+sign] = agent
	}
	for _, a := range All() {
		for _, x := range a.Accounts {
			once("login", x.Login, a.Name)
			if !slices.Contains([]Duty{Coder, Suggester, Reviewer, Helper, Transport}, x.Duty) {
				t.Errorf("%s: duty %q", a.Name, x.Duty)
			}
		}
		for _, x := range a.Names {
			once("name", x.Name, a.Name)
		}
		for _, x := range a.Trailers {
			once("trailer", x.Key+": "+x.Value, a.Name)
		}
		for _, x := range a.Texts {
			once("text", x.Phrase, a.Name)
		}
		for _, x := range a.Branches {
			once("branch", x.Prefix, a.Name)
		}
		for kind, list := range map[string][]string{"email": a.Emails, "author": a.Authors, "model": a.Models, "label": a.Labels} {
			for _, x := range list {
				once(kind, x, a.Name)
			}
		}
	}
}
