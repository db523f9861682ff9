package site_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

func (w *world) open(n fakehub.NewPull) *fakehub.Pull {
	w.t.Helper()
	if n.Author == nil {
		n.Author = w.agent
	}
	p, err := w.shop.OpenPull(n)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestThreeThousandFilesInPages(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	files := fakehub.Files{}
	for i := range 3050 {
		files[fmt.Sprintf("d%02d/f%04d.txt", i%40, i)] = fmt.Sprintf("line %d\n", i)
	}
	pull := w.open(fakehub.NewPull{Title: "Many", Files: files})
	api := w.api()
	api.get("/repos/acme/shop/pulls/1").want(200).is("changed_files", 3050).is("additions", 3050)
	seen := map[string]bool{}
	next, pages := "/repos/acme/shop/pulls/1/files?per_page=100", 0
	for next != "" {
		r := api.get(next).want(200)
		var page []struct{ Filename, Sha, Patch, Status string }
		r.into(&page)
		for _, f := range page {
			seen[f.Filename] = true
			if f.Status != "added" || len(f.Sha) != 40 || !strings.HasPrefix(f.Patch, "@@ -0,0 +1 @@\n+line ") {
				t.Fatalf("a file is %+v", f)
			}
		}
		next = link(r, "next")
		pages++
	}
	if len(seen) != 3000 || pages != 30 {
		t.Errorf("%d files on %d pages; GitHub stops at 3000", len(seen), pages)
	}
	r := api.get("/repos/acme/shop/compare/main..." + pull.HeadSHA()).want(200)
	if n := len(r.value("files").([]any)); n != 300 {
		t.Errorf("compare lists %d files", n)
	}
	api.get("/repos/acme/shop/pulls/1/files?page=101").want(200).says("[]")
}

// link is the path of a relation in the Link header.
func link(r *reply, rel string) string {
	for part := range strings.SplitSeq(r.header.Get("Link"), ", ") {
		if url, what, _ := strings.Cut(part, "; "); what == `rel="`+rel+`"` {
			_, path, _ := strings.Cut(strings.Trim(url, "<>"), "://")
			return path[strings.Index(path, "/"):]
		}
	}
	return ""
}

func TestFilesAreTheThreeDotDiff(t *testing.T) {
	w := newWorld(t, fakehub.Options{PatchLimit: 60})
	pull := w.open(fakehub.NewPull{Title: "T",
		Files: fakehub.Files{"mine.txt": "m\n", "moved.txt": "one\ntwo\nthree\n", "old.txt": fakehub.Deleted,
			"bin": "\x00\x01", "big.txt": strings.Repeat("x\n", 50), "link": fakehub.Symlink("README.md"),
			"sub": fakehub.Submodule(strings.Repeat("b", 40)), "README.md": fakehub.Executable("hello\n")}})
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Message: "Meanwhile", Files: fakehub.Files{"theirs.txt": "t\n"}}); err != nil {
		t.Fatal(err)
	}
	r := w.api().get("/repos/acme/shop/pulls/1/files").want(200)
	var files []struct {
		Filename, Status string
		Previous         string  `json:"previous_filename"`
		Patch            *string `json:"patch"`
		Additions        int
	}
	r.into(&files)
	got := ""
	for _, f := range files {
		patch := "-"
		if f.Patch != nil {
			patch = *f.Patch
		}
		got += fmt.Sprintf("%s %s %s %d %q\n", f.Status, f.Filename, f.Previous, f.Additions, patch)
	}
	want := `modified README.md  0 "-"
added big.txt  50 "-"
added bin  0 "-"
added link  1 "@@ -0,0 +1 @@\n+README.md\n\\ No newline at end of file"
added mine.txt  1 "@@ -0,0 +1 @@\n+m"
renamed moved.txt old.txt 0 "-"
added sub  1 "-"
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	w.api().get("/repos/acme/shop/compare/main..."+pull.HeadSHA()).want(200).is("status", "diverged").is("ahead_by", 1).is("behind_by", 1)
	w.api().get("/repos/acme/shop/compare/main...alice:nothing").want(404)
}

func TestTheLifeOfAPullRequest(t *testing.T) {
	w := newWorld(t, fakehub.Options{HookWorkers: 1})
	pull := w.open(fakehub.NewPull{Title: "T", Draft: true, Files: fakehub.Files{"a": "1\n"}})
	before := pull.HeadSHA()
	if err := w.shop.SetBranch("release", w.shop.Tip("main"), w.alice); err != nil {
		t.Fatal(err)
	}
	w.took()
	after, err := pull.Push(fakehub.Files{"a": "2\n"})
	if err != nil {
		t.Fatal(err)
	}
	if err := pull.Retarget("release", w.alice); err != nil {
		t.Fatal(err)
	}
	pull.SetDraft(false, w.alice)
	pull.Edit("T2", "B", w.alice)
	pull.Edit("T2", "B", w.alice) // no change, no event
	pull.Close(w.alice)
	pull.Close(w.alice)
	if err := pull.Reopen(w.alice); err != nil {
		t.Fatal(err)
	}
	sha, err := pull.Merge(w.alice)
	if err != nil {
		t.Fatal(err)
	}
	if pull.Reopen(w.alice) == nil {
		t.Error("a merged pull request was reopened")
	}
	events := only(w.took(), "pull_request", "")
	var got []string
	for _, e := range events {
		got = append(got, e.action)
	}
	if want := "synchronize edited ready_for_review edited closed reopened closed"; strings.Join(got, " ") != want {
		t.Fatalf("events %v, want %s", got, want)
	}
	hook := func(i int, path string) any { return (&reply{t: t, what: "webhook", body: events[i].body}).value(path) }
	if hook(0, "before") != before || hook(0, "after") != after || hook(0, "pull_request.head.sha") != after {
		t.Errorf("the push was told as %v to %v", hook(0, "before"), hook(0, "after"))
	}
	if hook(1, "changes.base.ref.from") != "main" || hook(1, "pull_request.base.ref") != "release" {
		t.Error("the retargeting does not tell its bases")
	}
	if hook(6, "pull_request.merged") != true || hook(6, "pull_request.merge_commit_sha") != sha {
		t.Error("the merge is not told")
	}
	w.api().get("/repos/acme/shop/contents/a?ref=release").want(200).is("encoding", "base64")
	w.api().get("/repos/acme/shop/commits/release").want(200).is("commit.verification.verified", true).is("committer.login", "web-flow")
	w.api().get("/repos/acme/shop/pulls?state=open").want(200).says("[]")
}

func TestWhatCannotBeOpenedIsSaid(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.open(fakehub.NewPull{Title: "T", Head: "x", Files: fakehub.Files{"a": "1\n"}})
	stranger := w.hub.CreateRepo(w.alice, "stranger", nil)
	for name, n := range map[string]fakehub.NewPull{
		"no base":   {Base: "none", Files: fakehub.Files{"a": "1\n"}},
		"no head":   {Head: "none"},
		"nothing":   {Head: "main"},
		"twice":     {Head: "x"},
		"no fork":   {From: stranger, Files: fakehub.Files{"a": "1\n"}},
		"bad path":  {Files: fakehub.Files{"../a": "1\n"}},
		"submodule": {Files: fakehub.Files{"s": fakehub.Submodule("zz")}},
	} {
		if _, err := w.shop.OpenPull(n); err == nil {
			t.Errorf("%s: the pull request was opened", name)
		}
	}
}

func TestCommitsSayWhoAndHowSure(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.open(fakehub.NewPull{Title: "T", Commits: []fakehub.NewCommit{
		{Message: "plain", Files: fakehub.Files{"a": "1\n"}},
		{Message: "signed", Author: w.alice, Verified: true, Files: fakehub.Files{"a": "2\n"}},
		{Message: "forged", Author: w.agent, AuthorName: "Alice", AuthorEmail: w.alice.Email,
			CommitterEmail: "nobody@example.com", Files: fakehub.Files{"a": "3\n"}},
		{Message: "by GitHub", SignedByGitHub: true, Files: fakehub.Files{"a": "4\n"}},
	}})
	r := w.api().get("/repos/acme/shop/pulls/1/commits").want(200)
	r.is("0.commit.verification.reason", "unsigned").is("0.author.login", "fixer[bot]").is("0.author.type", "Bot").
		is("1.commit.verification.verified", true).is("1.author.login", "alice").
		is("2.author.login", "alice").is("2.committer", nil).is("2.commit.verification.verified", false).
		is("3.committer.login", "web-flow").is("3.author.login", "fixer[bot]").is("3.commit.verification.verified", true)
}

func TestTreesBlobsAndContents(t *testing.T) {
	w := newWorld(t, fakehub.Options{TreeLimit: 5})
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Message: "m",
		Files: fakehub.Files{"l": fakehub.Symlink("db/1.sql"), "out": fakehub.Symlink("/etc/passwd"),
			"x.sh": fakehub.Executable("#!/bin/sh\n"), "s": fakehub.Submodule(strings.Repeat("c", 40)),
			"big": strings.Repeat("0123456789abcdef", 1<<16) + "!", "sp ace/ü#?.txt": "u\n"}}); err != nil {
		t.Fatal(err)
	}
	api, at := w.api(), "/repos/acme/shop"
	api.get(at+"/git/trees/main?recursive=1").want(200).is("truncated", true)
	r := api.get(at+"/git/trees/main").want(200).is("truncated", true).is("tree.0.path", "README.md").is("tree.2.type",
		"tree").is("tree.2.mode", "040000")
	api.get(at+"/git/trees/"+r.value("tree.2.sha").(string)).want(200).is("tree.0.path", "1.sql").is("tree.0.mode",
		"100644").is("truncated", false)
	api.get(at+"/contents/l").want(200).is("type", "file").is("content", "U0VMRUNUIDE7Cg==\n") // GitHub follows the link
	api.get(at+"/contents/out").want(200).is("type", "symlink").is("target", "/etc/passwd")
	api.get(at+"/contents/s").want(200).is("type", "submodule")
	api.get(at + "/contents/big").want(403).says("too_large")
	api.get(at+"/contents/sp%20ace/%C3%BC%23%3F.txt").want(200).is("content", "dQo=\n")
	api.get(at + "/contents/none").want(404)
	api.get(at+"/contents/db").want(200).is("0.name", "1.sql")
	raw := w.api()
	raw.header.Set("Accept", "application/vnd.github.raw+json")
	if r := raw.get(at + "/contents/big").want(200); len(r.body) != 1<<20+1 {
		t.Errorf("raw content has %d bytes", len(r.body))
	}
	api.get(at + "/git/blobs/" + strings.Repeat("0", 40)).want(404)
	// GHES's form of the base URL, and names in any case of letters.
	api.get("/api/v3/repos/ACME/Shop/pulls?per_page=1").want(200)
}

func TestAForkSharesObjectsAndNotItsPlace(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	fork := w.shop.Fork(bob)
	pull := w.open(fakehub.NewPull{Author: bob, Title: "F", From: fork, Files: fakehub.Files{"a": "1\n"}})
	w.api().get("/repos/acme/shop/git/commits/"+pull.HeadSHA()).want(200).is("message", "F")
	w.api().get("/repos/acme/shop/pulls/1").want(200).is("head.repo.full_name", "bob/shop").is("head.repo.fork",
		true).is("base.repo.full_name", "acme/shop")
	w.api().get("/repos/bob/shop").want(404) // the App is not installed there
	w.took()
	if _, err := pull.Push(fakehub.Files{"a": "2\n"}); err != nil {
		t.Fatal(err)
	}
	got := w.took()
	if len(only(got, "pull_request", "synchronize")) != 1 || len(only(got, "push", "")) != 0 || len(only(got, "check_suite", "")) != 0 {
		t.Errorf("a push to a fork sent %d webhooks", len(got))
	}
}
