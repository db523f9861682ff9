package site_test

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

func TestAPullRequestFromPushToCheck(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "Tidy", Labels: []string{"agent"},
		Files: fakehub.Files{"db/1.sql": "DROP TABLE a;\n", "new.txt": "x\n", "old.txt": fakehub.Deleted}})
	if err != nil {
		t.Fatal(err)
	}
	opened := only(w.took(), "pull_request", "opened")
	if len(opened) != 1 {
		t.Fatalf("%d webhooks of the opening", len(opened))
	}
	api := w.api()
	api.get("/repos/acme/shop/pulls/1").want(200).is("head.sha", pull.HeadSHA()).is("changed_files", 3).
		is("additions", 2).is("deletions", 4).is("user.login", "fixer[bot]").is("user.type", "Bot").is("labels.0.name", "agent")
	api.get("/repos/acme/shop/pulls/1/files").want(200).is("0.filename", "db/1.sql").is("0.status", "modified").
		is("0.patch", "@@ -1 +1 @@\n-SELECT 1;\n+DROP TABLE a;").is("1.status", "added").is("2.status", "removed")
	api.get("/repos/acme/shop/pulls/1/commits").want(200).is("0.author.login", "fixer[bot]").is("0.commit.message", "Tidy")
	run := api.do("POST", "/repos/acme/shop/check-runs",
		map[string]any{"name": "gatehold", "head_sha": pull.HeadSHA(), "conclusion": "action_required",
			"output": map[string]any{"title": "Held", "summary": "Because"}}).want(201).is("status", "completed")
	if s := pull.RequiredCheck("gatehold", w.app.ID); !s.Found || s.Passes || s.Conclusion != "action_required" {
		t.Errorf("the required check is %+v", s)
	}
	api.do("PATCH", "/repos/acme/shop/check-runs/"+fmt.Sprint(run.value("id")), map[string]any{"conclusion": "success"}).want(200)
	if s := pull.RequiredCheck("gatehold", w.app.ID); !s.Passes {
		t.Errorf("the required check is %+v", s)
	}
}
