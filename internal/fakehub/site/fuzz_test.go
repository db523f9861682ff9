package site_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/site"
)

// FuzzQuery asks whatever comes: a query may be refused, the hub may not break.
func FuzzQuery(f *testing.F) {
	f.Add(pullQuery, `{"owner":"acme","name":"shop","number":1,"rules":"README.md"}`)
	f.Add(`{ ...F } fragment F on Query { ...F }`, `null`)
	f.Add(`query($a: [Int!] = [1], $b: Boolean = true) { r: repository(owner: $a, name: {x: $b}) { name @skip(if: $b) } }`, `{"b":7}`)
	f.Add(`{ repository(owner: "acme", name: "shop") { object(expression: "main:") { __typename ... on Tree { entries { object { ... on Blob { text } } } } }
		pullRequests(last: 3, before: "bm9wZQ==", states: [OPEN]) { edges { cursor node { number } } pageInfo { startCursor } } } }`, `{}`)
	hub := site.New(fakehub.Options{GraphQLQuota: -1})
	f.Cleanup(hub.Close)
	acme := hub.CreateOrg("acme")
	shop := acme.CreateRepo("shop", fakehub.Files{"README.md": "hello\n"})
	if _, err := shop.OpenPull(fakehub.NewPull{Author: hub.CreateBot("fixer"), Title: "T", Files: fakehub.Files{"a": "1\n"}}); err != nil {
		f.Fatal(err)
	}
	token := hub.PersonalToken(acme.Account)
	f.Fuzz(func(t *testing.T, query, variables string) {
		if !json.Valid([]byte(variables)) {
			variables = "{}"
		}
		text, err := json.Marshal(query)
		if err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":`+string(text)+`,"variables":`+variables+`}`))
		req.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		hub.Handler().ServeHTTP(rec, req)
		if rec.Code != http.StatusOK && rec.Code != http.StatusBadRequest || !json.Valid(rec.Body.Bytes()) {
			t.Errorf("status %d: %s", rec.Code, rec.Body)
		}
	})
}
