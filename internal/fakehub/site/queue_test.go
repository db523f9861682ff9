package site_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// queueWorld has a merge queue on main that needs the gatehold check, and a
// clock of its own.
func queueWorld(t *testing.T, opt fakehub.Options) (w *world, wait func(time.Duration)) {
	t.Helper()
	began := time.Now()
	var offset atomic.Int64
	opt.Now = func() time.Time { return began.Add(time.Duration(offset.Load())) }
	w = newWorld(t, opt)
	for _, err := range []error{w.shop.Require("gatehold", w.app.ID), w.shop.UseMergeQueue(10 * time.Minute)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return w, func(d time.Duration) { offset.Add(int64(d)); w.hub.Tick() }
}

// ready opens a pull request whose check passes.
func (w *world) ready(files fakehub.Files) *fakehub.Pull {
	w.t.Helper()
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Change", Files: files})
	if err != nil {
		w.t.Fatal(err)
	}
	w.verdict(pull.HeadSHA(), "success")
	return pull
}

func (w *world) verdict(sha, conclusion string) {
	w.t.Helper()
	if _, err := w.shop.PostCheck(w.app, sha, "gatehold", conclusion); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enqueue(pulls ...*fakehub.Pull) {
	w.t.Helper()
	for _, p := range pulls {
		if err := p.Enqueue(w.alice); err != nil {
			w.t.Fatal(err)
		}
	}
}

// story is what the App heard of the queue: "checks_requested 1", "destroyed 1
// merged", "dequeued 1 MERGE".
func (w *world) story() string {
	w.t.Helper()
	var out []string
	for _, h := range w.took() {
		switch {
		case h.event == "merge_group":
			ref := h.payload["merge_group"].(map[string]any)["head_ref"].(string)
			number, _, _ := strings.Cut(ref[strings.LastIndex(ref, "/pr-")+4:], "-")
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", h.action, number, text(h.payload["reason"]))))
		case h.event == "pull_request" && (h.action == "dequeued" || h.action == "enqueued"):
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %v %s", h.action, h.payload["number"], text(h.payload["reason"]))))
		}
	}
	return strings.Join(out, ", ")
}

func text(v any) string {
	s, _ := v.(string) // "" where there is none
	return s
}

func (w *world) tells(want string) {
	w.t.Helper()
	if got := w.story(); got != want {
		w.t.Errorf("the App heard\n%s, want\n%s", got, want)
	}
}

func TestAQueueMergesFromTheFront(t *testing.T) {
	w, _ := queueWorld(t, fakehub.Options{HookWorkers: 1})
	one, two := w.ready(fakehub.Files{"a.txt": "a\n"}), w.ready(fakehub.Files{"b.txt": "b\n"})
	tip := w.shop.Tip("main")
	w.took()
	w.enqueue(one, two)
	w.tells("enqueued 1, checks_requested 1, enqueued 2, checks_requested 2")
	q := w.shop.Queue("main")
	if len(q) != 2 || q[0].BaseSHA != tip || q[1].BaseSHA != q[0].HeadSHA || q[0].HeadRef != "refs/heads/gh-readonly-queue/main/pr-1-"+tip {
		t.Fatalf("the queue is %+v on %s", q, tip)
	}
	w.api().get("/repos/acme/shop/git/ref/heads/"+strings.TrimPrefix(q[1].HeadRef, "refs/heads/")).want(200).is("object.sha", q[1].HeadSHA)
	for i, file := range []string{"a.txt", "b.txt"} {
		w.api().get("/repos/acme/shop/compare/"+q[i].BaseSHA+"..."+q[i].HeadSHA).is("files.0.filename", file).is("behind_by", 0)
	}
	w.verdict(q[1].HeadSHA, "success") // not its turn yet
	if w.shop.Tip("main") != tip {
		t.Error("the second merged before the first")
	}
	w.verdict(q[0].HeadSHA, "success")
	w.tells("dequeued 1 MERGE, destroyed 1 merged, dequeued 2 MERGE, destroyed 2 merged")
	if w.shop.Tip("main") != q[1].HeadSHA || len(w.shop.Queue("main")) != 0 {
		t.Errorf("main is at %s, the queue is %+v", w.shop.Tip("main"), w.shop.Queue("main"))
	}
	w.api().get("/repos/acme/shop/pulls/1").is("merged", true).is("merge_commit_sha", q[0].HeadSHA).is("base.sha", tip)
	w.api().get("/repos/acme/shop/git/ref/heads/" + strings.TrimPrefix(q[0].HeadRef, "refs/heads/")).want(404)
	w.api().get("/repos/acme/shop/contents/a.txt").want(200)
}

func TestWhatFailsLeavesAndTheRestIsBuiltAnew(t *testing.T) {
	w, wait := queueWorld(t, fakehub.Options{HookWorkers: 1})
	one, two, three := w.ready(fakehub.Files{"a.txt": "a\n"}), w.ready(fakehub.Files{"b.txt": "b\n"}),
		w.ready(fakehub.Files{"c.txt": "c\n"})
	w.enqueue(one, two, three)
	before := w.shop.Queue("main")
	w.story()
	w.verdict(before[1].HeadSHA, "action_required")
	w.tells("destroyed 3 invalidated, destroyed 2 dequeued, dequeued 2 CI_FAILURE, checks_requested 3")
	after := w.shop.Queue("main")
	if len(after) != 2 || after[0] != before[0] || after[1].HeadSHA == before[2].HeadSHA || after[1].BaseSHA != before[0].HeadSHA {
		t.Fatalf("the queue went from %+v to %+v", before, after)
	}
	w.verdict(before[2].HeadSHA, "success") // of a group that is gone: worth nothing
	w.verdict(after[0].HeadSHA, "success")
	w.tells("dequeued 1 MERGE, destroyed 1 merged")
	wait(9 * time.Minute)
	w.tells("")
	wait(time.Minute)
	w.tells("destroyed 3 dequeued, dequeued 3 CI_TIMEOUT")
	if len(w.shop.Queue("main")) != 0 {
		t.Error("the queue is not empty")
	}
	w.api().get("/repos/acme/shop/contents/c.txt").want(404)
}

func TestWhatComesBetweenInvalidatesOrRemoves(t *testing.T) {
	w, _ := queueWorld(t, fakehub.Options{HookWorkers: 1})
	one, two := w.ready(fakehub.Files{"a.txt": "a\n"}), w.ready(fakehub.Files{"a.txt": "other\n"})
	w.took()
	w.enqueue(one)
	if err := one.Enqueue(w.alice); err == nil {
		t.Error("a pull request is in the queue twice")
	}
	w.enqueue(two) // conflicts with the first
	w.tells("enqueued 1, checks_requested 1, enqueued 2, dequeued 2 MERGE_CONFLICT")
	first := w.shop.Queue("main")[0]
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Author: w.alice, Message: "Past the queue",
		Files: fakehub.Files{"z": "z"}}); err != nil {
		t.Fatal(err)
	}
	w.tells("destroyed 1 invalidated, checks_requested 1")
	if q := w.shop.Queue("main"); len(q) != 1 || q[0].BaseSHA != w.shop.Tip("main") || q[0].HeadSHA == first.HeadSHA {
		t.Errorf("the queue is %+v", q)
	}
	if _, err := one.Push(fakehub.Files{"a.txt": "aa\n"}); err != nil {
		t.Fatal(err)
	}
	w.tells("destroyed 1 dequeued, dequeued 1 UNKNOWN_REMOVAL_REASON")
	if err := one.Enqueue(w.alice); err == nil || !strings.Contains(err.Error(), "gatehold") {
		t.Errorf("a head without its check was taken into the queue: %v", err)
	}
	w.verdict(one.HeadSHA(), "success")
	w.enqueue(one)
	one.Dequeue(w.alice)
	w.tells("enqueued 1, checks_requested 1, destroyed 1 dequeued, dequeued 1 MANUAL")
}

func TestAButtonMergesAsTheRulesLet(t *testing.T) {
	w, _ := queueWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	w.acme.AddMember(bob, "member")
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Change", Files: fakehub.Files{"a": "a"}})
	if err != nil {
		t.Fatal(err)
	}
	merge := func(as string) int {
		return w.submit("/acme/shop/pull/1/merge", "same-origin", map[string][]string{"as": {as}}).status
	}
	w.browse("/acme/shop/pull/1?as=alice").says("Merging is blocked").says("Required and not successful")
	if got := merge("alice"); got != 409 {
		t.Errorf("without its check: %d", got)
	}
	w.verdict(pull.HeadSHA(), "success")
	w.browse("/acme/shop/pull/1?as=alice").says("Merge when ready")
	if page := w.browse("/acme/shop/pull/1?as=bob"); strings.Contains(string(page.body), "Merge when ready") || merge("bob") != 403 {
		t.Error("a reader may merge")
	}
	if got := merge("alice"); got != 303 {
		t.Errorf("with its check: %d", got)
	}
	w.browse("/acme/shop/pull/1").says("In the merge queue").says("Number 1 of the queue")
}
