package gate

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRebornLoginIsNobody: who has a login by another account is not named by it,
// and who had it is still found by it.
func TestRebornLoginIsNobody(t *testing.T) {
	need := Need{Approvals: 1, From: []string{"@bo"}}
	v := Verdict{Held: true, Needs: &need, Head: "1", Contributors: []Contributor{{Login: "cy", Role: "had an agent make it"}},
		Excluded: []Exclusion{{Group: "@ed", Role: "owns it"}}}
	s := State{Verdict: &v, Names: map[string]int64{"bo": 7, "cy": 8, "ed": 9}}
	offer := func(by Actor) Offer {
		o := Offer{Offered: Offered{By: by, Answer: Approve, Via: "button", For: s.For()}}
		o.Saw.Painting = 1
		return o
	}
	for name, tc := range map[string]struct {
		by     Actor
		groups []string
		want   string
	}{
		"bo himself":              {Actor{Login: "bo", ID: 7, Type: "User"}, []string{"@bo"}, ""},
		"another bo":              {Actor{Login: "bo", ID: 70, Type: "User"}, []string{"@bo"}, "login_moved"},
		"bo, who is bob now":      {Actor{Login: "bob", ID: 7, Type: "User"}, nil, "not_entitled"},
		"the requester, renamed":  {Actor{Login: "cyrus", ID: 8, Type: "User"}, []string{"@bo"}, "contributor"},
		"the owner, renamed":      {Actor{Login: "edward", ID: 9, Type: "User"}, []string{"@bo"}, "excluded"},
		"somebody with cy's name": {Actor{Login: "cy", ID: 80, Type: "User"}, []string{"@bo"}, "contributor"},
	} {
		got := ""
		if r, is := s.Count(offer(tc.by), Person{Actor: tc.by, Groups: tc.groups}).(Refused); is {
			got = r.Code
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	need.From = append(need.From, "@acme/sre")
	v.Excluded = append(v.Excluded, Exclusion{Group: "@acme/dev", Role: "owns it"})
	s.Names["acme/sre"], s.Names["acme/dev"] = 50, 60
	for name, tc := range map[string]struct {
		teams map[string]int64
		want  string
	}{
		"of the team":                               {map[string]int64{"@acme/sre": 50}, ""},
		"of another team of that name":              {map[string]int64{"@acme/sre": 51}, "login_moved"},
		"of a team of which nobody knows the id":    {map[string]int64{"@acme/sre": 0}, "login_moved"},
		"of it, and of one that is excluded":        {map[string]int64{"@acme/sre": 50, "@acme/dev": 60}, "excluded"},
		"of it, and of one that took the other's":   {map[string]int64{"@acme/sre": 50, "@acme/dev": 61}, "excluded"},
		"of another of that name and an excluded's": {map[string]int64{"@acme/sre": 51, "@acme/dev": 61}, "excluded"},
	} {
		got, by := "", Actor{Login: "di", ID: 11, Type: "User"}
		p := Person{Actor: by, Groups: slices.Sorted(maps.Keys(tc.teams)), Teams: tc.teams}
		if r, is := s.Count(offer(by), p).(Refused); is {
			got = r.Code
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	need.From = need.From[:1]
	old := State{Verdict: &v} // a record from before names were bound
	if _, counted := old.Count(offer(Actor{Login: "bo", ID: 70, Type: "User"}),
		Person{Actor: Actor{Login: "bo", ID: 70, Type: "User"}, Groups: []string{"@bo"}}).(Counted); !counted {
		t.Error("without a binding all is as it was")
	}
}

// TestConfirmedOnlyTakes: asking again takes from choices and never adds, denials
// stand, and who is still of what is needed stands.
func TestConfirmedOnlyTakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []string{"@acme/sre", "@acme/dev", "role:write"}
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 3, func(s string) string { return s })
		need := Need{Approvals: 1, From: []string{"@acme/sre", "@acme/dev"}}
		s := State{Verdict: &Verdict{Held: true, Needs: &need}}
		var people []Person
		for id := int64(1); id <= 4; id++ {
			by := Actor{Login: "p", ID: id, Type: "User"}
			s.Choices = append(s.Choices, Choice{Counted: Counted{By: by,
				Answer: rapid.SampledFrom([]Answer{Approve, Deny}).Draw(t, "answer"),
				Groups: append([]string{"@acme/sre"}, some.Draw(t, "was")...)}})
			switch rapid.IntRange(0, 2).Draw(t, "now") {
			case 0:
				people = append(people, Person{}) // gone
			case 1:
				people = append(people, Person{Actor: by, Groups: some.Draw(t, "is")})
			default:
				people = append(people, Person{Actor: by, Groups: all})
			}
		}
		ev, moved := s.Unconfirmed(people, 0)
		after := s
		if moved {
			after = s.After(Entry{Version: 9, At: time.Unix(9, 0), Event: ev})
		}
		for i, c := range s.Choices {
			k := slices.IndexFunc(after.Choices, func(o Choice) bool { return o.By.ID == c.By.ID })
			entitled := c.Answer == Deny
			for _, g := range need.From {
				entitled = entitled || slices.Contains(c.Groups, g) && slices.Contains(people[i].Groups, g)
			}
			if entitled != (k >= 0) {
				t.Fatalf("choice %d: stands %v, may %v", i, k >= 0, entitled)
			}
			if k >= 0 && len(after.Choices[k].Groups) > len(c.Groups) {
				t.Fatal("it gained a group")
			}
		}
		if _, again := after.Unconfirmed(people, 0); again {
			t.Fatal("asking once more takes more")
		}
	})
}
