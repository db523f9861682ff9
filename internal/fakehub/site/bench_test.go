package site_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/site"
)

// benchWorld is a hub with a receiver that only answers.
func benchWorld(b *testing.B) (*site.Hub, string, *fakehub.Repo, string) {
	b.Helper()
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(202) }))
	b.Cleanup(sink.Close)
	hub := site.New(fakehub.Options{RESTQuota: -1, GraphQLQuota: -1})
	base, err := hub.Start()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(hub.Close)
	acme := hub.CreateOrg("acme")
	files := fakehub.Files{}
	for i := range 1000 {
		files[fmt.Sprintf("d%02d/f%03d", i%30, i)] = fmt.Sprintf("file %d\nof many\n", i)
	}
	repo := acme.CreateRepo("shop", files)
	app, err := hub.CreateApp(fakehub.NewApp{Slug: "gatehold", PrivateKey: key(), WebhookURL: sink.URL, WebhookSecret: "s"})
	if err != nil {
		b.Fatal(err)
	}
	app.Install(acme)
	return hub, base, repo, hub.PersonalToken(acme.Account)
}

// BenchmarkOpenPull is a pull request of three files, with its push, check
// suite and opening delivered.
func BenchmarkOpenPull(b *testing.B) {
	hub, _, repo, _ := benchWorld(b)
	bot := hub.CreateBot("fixer")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := repo.OpenPull(fakehub.NewPull{Author: bot, Title: "T", Files: fakehub.Files{
			"d01/f001": fmt.Sprint("new ", i, "\n"), fmt.Sprintf("n/%d", i): "x\n", "d02/f002": fakehub.Deleted}}); err != nil {
			b.Fatal(err)
		}
	}
	if err := hub.Settle(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRequests are what a gate asks of a pull request of 3 and 3,000
// files.
func BenchmarkRequests(b *testing.B) {
	hub, base, repo, token := benchWorld(b)
	many := fakehub.Files{}
	for i := range 3000 {
		many[fmt.Sprintf("m%02d/f%04d", i%50, i)] = fmt.Sprintf("one\ntwo %d\n", i)
	}
	for _, files := range []fakehub.Files{{"d01/f001": "changed\n", "x": "y\n", "d02/f002": fakehub.Deleted}, many} {
		if _, err := repo.OpenPull(fakehub.NewPull{Author: hub.CreateBot("fixer"), Title: "T", Files: files}); err != nil {
			b.Fatal(err)
		}
	}
	client := &http.Client{}
	for name, path := range map[string]string{"pull": "/pulls/1", "files": "/pulls/1/files",
		"page of 100": "/pulls/2/files?per_page=100", "tree of 4000": "/git/trees/change-2?recursive=1"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				req, err := http.NewRequest("GET", base+"/repos/acme/shop"+path, nil)
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+token)
				resp, err := client.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != 200 {
					b.Fatal(resp.Status)
				}
			}
		})
	}
}
