package site_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

func TestTheActivityTellsWhoMovedEachBranch(t *testing.T) {
	w, _ := queueWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	began := w.shop.Tip("main")
	first, err := w.shop.Commit("topic", fakehub.NewCommit{Author: w.alice, Pusher: w.agent, Message: "a", Files: fakehub.Files{"a": "1"}})
	w.must(err)
	second, err := w.shop.Commit("topic", fakehub.NewCommit{Author: bob, Message: "b", Files: fakehub.Files{"a": "2"}})
	w.must(err)
	w.must(w.shop.SetBranch("topic", first, bob))
	w.shop.DeleteBranch("topic", w.alice)
	p := w.ready(fakehub.Files{"q": "1"})
	w.enqueue(p)
	w.verdict(w.shop.Queue("main")[0].HeadSHA, "success")
	other, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "M", Files: fakehub.Files{"m": "1"}})
	w.must(err)
	merged, err := other.Merge(bob)
	w.must(err)

	zero := strings.Repeat("0", 40)
	var got []string
	var acts []struct {
		Type          string `json:"activity_type"`
		Before, After string
		Ref           string
		Timestamp     time.Time
		Actor         struct{ Login string }
	}
	w.api().get(shop + "/activity?direction=asc&ref=topic").want(200).into(&acts)
	for _, a := range acts {
		got = append(got, fmt.Sprintf("%s %s %s..%s by %s", a.Ref, a.Type, a.Before[:7], a.After[:7], a.Actor.Login))
	}
	want := []string{
		"refs/heads/topic branch_creation " + zero[:7] + ".." + first[:7] + " by fixer[bot]",
		"refs/heads/topic push " + first[:7] + ".." + second[:7] + " by bob",
		"refs/heads/topic force_push " + second[:7] + ".." + first[:7] + " by bob",
		"refs/heads/topic branch_deletion " + first[:7] + ".." + zero[:7] + " by alice",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the activity of topic is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	w.api().get(shop+"/activity?ref=refs/heads/main").want(200).is("0.activity_type", "pr_merge").is("0.after",
		merged).is("0.actor.login", "bob").
		is("1.activity_type", "merge_queue_merge").is("2.activity_type", "branch_creation").is("2.after", began)
	w.api().get(shop+"/activity?activity_type=force_push&actor=BOB").want(200).is("0.before", second).says(`"timestamp"`)
}

func TestTheActivityIsReadPageByPage(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	for i := range 6 {
		_, err := w.shop.Commit("main", fakehub.NewCommit{Message: fmt.Sprint(i), Files: fakehub.Files{"n": fmt.Sprint(i)}})
		w.must(err)
	}
	next := regexp.MustCompile(`<[^>]*(/repos[^>]*)>; rel="next"`)
	seen, pages := map[string]bool{}, 0
	for path := shop + "/activity?per_page=3"; path != ""; pages++ {
		r := w.api().get(path).want(200)
		for _, a := range r.value("").([]any) {
			seen[a.(map[string]any)["after"].(string)] = true
		}
		path = ""
		if m := next.FindStringSubmatch(r.header.Get("Link")); m != nil {
			path = m[1]
		}
	}
	if len(seen) != 7 || pages != 3 {
		t.Errorf("%d pushes on %d pages, want 7 on 3", len(seen), pages)
	}
}
