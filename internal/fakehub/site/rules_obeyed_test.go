package site_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// rule puts rules in force on main, and on release branches.
func (w *world) rule(name string, bypass string, rules ...string) {
	w.t.Helper()
	_, err := w.shop.AddRuleset(fmt.Sprintf(`{"name":%q,"enforcement":"active","bypass_actors":[%s],
		"conditions":{"ref_name":{"include":["~DEFAULT_BRANCH","refs/heads/release/*"],"exclude":[]}},"rules":[%s]}`, name, bypass, strings.Join(rules, ",")))
	w.must(err)
}

const (
	pullsOnly = `{"type":"pull_request","parameters":{"required_approving_review_count":0,
		"dismiss_stale_reviews_on_push":false,"require_code_owner_review":false,"require_last_push_approval":false,
		"required_review_thread_resolution":false}}`
	noUpdates   = `{"type":"update","parameters":{"update_allows_fetch_and_merge":false}}`
	linearOnly  = `{"type":"required_linear_history"}`
	noForce     = `{"type":"non_fast_forward"}`
	noCreation  = `{"type":"creation"}`
	noDeletion  = `{"type":"deletion"}`
	oneApproval = `{"type":"pull_request","parameters":{"required_approving_review_count":1,"allowed_merge_methods":["squash"]}}`
)

func (w *world) checked(app int64, more string) string {
	return fmt.Sprintf(`{"type":"required_status_checks","parameters":{
		"required_status_checks":[{"context":"gatehold","integration_id":%d}],
		"strict_required_status_checks_policy":false%s}}`, app, more)
}

// violates fails unless err is what rules say, with these words.
func (w *world) violates(err error, words ...string) {
	w.t.Helper()
	var v *fakehub.RuleViolation
	if !errors.As(err, &v) || v.Ref == "" || len(v.Reasons) != len(words) {
		w.t.Fatalf("it is refused with %v, want %q", err, words)
	}
	for i, word := range words {
		if !strings.Contains(v.Reasons[i], word) {
			w.t.Errorf("it is refused with %q, want %q", v.Reasons[i], word)
		}
	}
}

// made is a commit on the tip of main that no branch has.
func (w *world) made(name string) string {
	w.t.Helper()
	sha, err := w.shop.Make(w.shop.Tip("main"), fakehub.NewCommit{Author: w.alice, Message: name, Files: fakehub.Files{name: "1\n"}})
	w.must(err)
	return sha
}

func TestARequiredCheckAloneLetsAGreenCommitBePushed(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.rule("check", "", w.checked(w.app.ID, ""))
	sha := w.made("a")
	w.violates(w.shop.Push("main", sha, w.alice), `Required status check "gatehold" is expected`)
	other, err := w.hub.CreateApp(fakehub.NewApp{Slug: "other", PrivateKey: key()})
	w.must(err)
	_, err = w.shop.PostCheck(other, sha, "gatehold", "success")
	w.must(err)
	w.violates(w.shop.Push("main", sha, w.alice), "gatehold") // pinned to the other App
	w.verdict(sha, "action_required")
	w.violates(w.shop.Push("main", sha, w.alice), "gatehold")
	w.verdict(sha, "success")
	w.must(w.shop.Push("main", sha, w.alice))
	if w.shop.Tip("main") != sha {
		t.Error("the push moved nothing")
	}
	w.violates(w.shop.Push("release/1", w.made("b"), w.alice), "gatehold")
}

func TestAPullRequestRuleKeepsAGreenCommitOut(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.rule("gate", "", w.checked(w.app.ID, `,"do_not_enforce_on_create":true`), pullsOnly)
	p := w.opened(fakehub.NewPull{Title: "A"})
	if _, err := p.TryMerge(w.alice, ""); err == nil {
		t.Fatal("it was merged without its check")
	} else {
		w.violates(err, "gatehold")
	}
	w.verdict(p.HeadSHA(), "success")
	w.violates(w.shop.Push("main", p.HeadSHA(), w.alice), "Changes must be made through a pull request")
	w.must(w.shop.Push("release/new", w.made("b"), w.alice)) // the making of a branch asks for neither
	sha, err := p.TryMerge(w.alice, "squash")
	w.must(err)
	if w.shop.Tip("main") != sha || p.State() != "merged" {
		t.Error("the merge moved nothing")
	}
}

func TestRulesBindAllButThoseWhoBypassThem(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob, carol := w.hub.CreateUser("bob"), w.hub.CreateUser("carol")
	w.shop.Collaborate(bob, "write")
	w.shop.Collaborate(carol, "write")
	w.rule("closed", fmt.Sprintf(
		`{"actor_type":"User","actor_id":%d,"bypass_mode":"always"},{"actor_type":"User","actor_id":%d,"bypass_mode":"pull_request"}`,
		bob.ID, carol.ID), noUpdates)
	w.violates(w.shop.Push("main", w.made("a"), w.alice), "Cannot update")
	w.violates(w.shop.Push("main", w.made("b"), carol), "Cannot update")
	w.must(w.shop.Push("main", w.made("c"), bob))
	p := w.opened(fakehub.NewPull{Title: "A"})
	_, err := p.TryMerge(w.alice, "merge")
	w.violates(err, "Cannot update")
	_, err = p.TryMerge(carol, "merge")
	w.must(err)
	if err := w.shop.Push("topic", w.made("d"), w.hub.CreateUser("stranger")); err == nil || !strings.Contains(err.Error(), "denied") {
		t.Errorf("a stranger pushed: %v", err)
	}
	writer, err := w.hub.CreateApp(fakehub.NewApp{Slug: "writer", PrivateKey: key(),
		Permissions: map[string]string{"metadata": "read", "contents": "write"}})
	w.must(err)
	w.shop.CollaborateTeam(w.acme.CreateTeam("none", nil), "read")
	if w.shop.Push("topic", w.made("e"), writer.Bot) == nil {
		t.Error("an App that is not installed pushed")
	}
	writer.Install(w.acme)
	w.must(w.shop.Push("topic", w.made("e"), writer.Bot))
}

func TestFurtherRulesOfBranches(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.rule("shape", "", linearOnly, noForce, noDeletion, oneApproval)
	first := w.shop.Tip("main")
	merge, err := w.shop.Make(first, fakehub.NewCommit{Message: "m", Merge: []string{w.made("x")}, Files: fakehub.Files{"y": "1"}})
	w.must(err)
	w.violates(w.shop.Push("main", merge, w.alice), "merge commits", "pull request")
	aside, err := w.shop.Make("", fakehub.NewCommit{Message: "other root", Files: fakehub.Files{"z": "1"}})
	w.must(err)
	w.violates(w.shop.Push("main", aside, w.alice), "force-push", "pull request")
	w.violates(w.shop.Push("main", "", w.alice), "Cannot delete")
	p := w.opened(fakehub.NewPull{Title: "A"})
	_, err = p.TryMerge(w.alice, "merge")
	w.violates(err, "merge commits", "approving review")
	w.rule("new", "", noCreation)
	w.violates(w.shop.Push("release/2", first, w.alice), "creations being restricted")
}

func TestClassicProtectionLetsAdministratorsPass(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	w.shop.Collaborate(bob, "write")
	w.shop.ProtectClassic("main", "gatehold", w.app.ID, false)
	w.violates(w.shop.Push("main", w.made("a"), bob), "gatehold")
	w.must(w.shop.Push("main", w.made("a"), w.alice))
	w.shop.ProtectClassic("main", "gatehold", w.app.ID, true)
	w.violates(w.shop.Push("main", w.made("b"), w.alice), "gatehold")
}

func TestATokenMovesBranchesAndMergesByTheRules(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.rule("gate", "", w.checked(w.app.ID, ""), noForce)
	alice := w.as(w.hub.PersonalToken(w.alice))
	topic := w.made("a")
	alice.do("POST", shop+"/git/refs", fields{"ref": "refs/heads/topic/x", "sha": topic}).want(201).is("object.sha", topic)
	alice.do("POST", shop+"/git/refs", fields{"ref": "refs/heads/topic/x", "sha": topic}).want(422).says("already exists")
	alice.do("PATCH", shop+"/git/refs/heads/main", fields{"sha": topic}).want(422).says("Required status check")
	alice.do("PATCH", shop+"/git/refs/heads/topic/x", fields{"sha": w.made("b")}).want(422).says("not a fast forward")
	alice.do("PATCH", shop+"/git/refs/heads/topic/x", fields{"sha": w.made("b"), "force": true}).want(200)
	alice.do("DELETE", shop+"/git/refs/heads/topic/x", nil).want(204)
	p := w.opened(fakehub.NewPull{Title: "A"})
	alice.do("PUT", shop+"/pulls/1/merge", nil).want(405).says("Repository rule violations found")
	w.verdict(p.HeadSHA(), "success")
	alice.do("PUT", shop+"/pulls/1/merge", fields{"sha": topic}).want(409)
	alice.do("PUT", shop+"/pulls/1/merge", fields{"sha": p.HeadSHA(), "merge_method": "squash"}).want(200).is("merged", true)
	w.verdict(topic, "success")
	alice.do("PATCH", shop+"/git/refs/heads/main", fields{"sha": topic, "force": true}).want(422).says("Cannot force-push")
	w.api().do("PATCH", shop+"/git/refs/heads/main", fields{"sha": topic}).want(403)
	stranger := w.hub.CreateUser("stranger")
	w.acme.AddMember(stranger, "member")
	w.as(w.hub.PersonalToken(stranger)).do("POST", shop+"/git/refs", fields{"ref": "refs/heads/own", "sha": topic}).want(403)
}
