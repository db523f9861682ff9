package mint_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/mint"
)

// TestATokenIsWhatWasAskedForAndEnds: narrowed to repositories and permissions, and
// refused by GitHub once it was ended.
func TestATokenIsWhatWasAskedForAndEnds(t *testing.T) {
	w := hubtest.NewWorld(t)
	infra := w.Acme.CreateRepo("infra", fakehub.Files{"README.md": "hello\n"})
	second, err := w.Fake.CreateApp(fakehub.NewApp{Slug: "acme-deploys", Permissions: map[string]string{
		"metadata": "read", "contents": "write", "packages": "write"}, Events: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	base, _ := url.Parse(w.Fake.URL())
	gh, err := api.New(api.Config{API: base.JoinPath("api/v3/"), GraphQL: base.JoinPath("api/graphql"), AppID: second.ID,
		PrivateKey: second.PrivateKeyPEM()})
	if err != nil {
		t.Fatal(err)
	}
	m := mint.New(gh)
	shop := gate.Repo{Installation: w.Installation.ID, ID: w.Shop.ID, Owner: "acme", Name: "shop"}
	write := map[string]string{"contents": "write"}
	want := func(err error, code string) {
		t.Helper()
		if err == nil || gate.AsError(err).Code != code {
			t.Errorf("%v, not %s", err, code)
		}
	}
	_, _, _, err = m.Token(t.Context(), shop, []int64{shop.ID}, nil, write)
	want(err, "mint_not_installed")
	second.Install(w.Acme, w.Shop, infra)

	token, expires, ids, err := m.Token(t.Context(), shop, []int64{shop.ID}, nil, write)
	if err != nil || !slices.Equal(ids, []int64{shop.ID}) || time.Until(expires) > time.Hour || time.Until(expires) < 59*time.Minute {
		t.Fatalf("a token for %v until %s: %v", ids, expires, err)
	}
	if got := reads(t, w, token); !slices.Equal(got, []string{"shop"}) {
		t.Errorf("it covers %v", got)
	}
	for _, c := range []struct {
		names       []string
		permissions map[string]string
	}{{nil, map[string]string{"administration": "write"}}, {[]string{"other"}, write}} {
		if _, _, _, err := m.Token(t.Context(), shop, []int64{shop.ID}, c.names, c.permissions); err == nil || gate.AsError(err).Code != "mint_refused" {
			t.Errorf("%v in %v: %v", c.permissions, c.names, err)
		}
	}
	_, _, ids, err = m.Token(t.Context(), shop, []int64{shop.ID}, []string{"infra"}, write)
	if err != nil || !slices.Contains(ids, infra.ID) || len(ids) != 2 {
		t.Errorf("by names it is for %v: %v", ids, err)
	}

	status, refused, err := m.Revoke(t.Context(), token)
	if status != 204 || refused != 401 || err != nil {
		t.Errorf("it was ended with %d and %d, %v", status, refused, err)
	}
	if got := reads(t, w, token); got != nil {
		t.Errorf("it covers %v yet", got)
	}
	if status, _, err = m.Revoke(t.Context(), token); status != 401 || err != nil { // whoever was killed ends it again
		t.Errorf("again: %d, %v", status, err)
	}
	w.Fake.Inject(faults.Fault{Route: "DELETE /installation/token", Kind: faults.Status, Code: 503, Times: 1})
	_, _, err = m.Revoke(t.Context(), token)
	want(err, "github_unavailable")
}

// reads are the repositories that a token covers; nil where GitHub refuses it.
func reads(t *testing.T, w *hubtest.World, token string) []string {
	t.Helper()
	status, body := get(t, w.Fake.URL()+"/api/v3/installation/repositories", token)
	if status == 401 {
		return nil
	}
	var names []string
	for _, r := range body.Repositories {
		names = append(names, r.Name)
	}
	return names
}

var client = &http.Client{Timeout: 20 * time.Second}

type list struct {
	Repositories []struct {
		Name string `json:"name"`
	} `json:"repositories"`
}

// get asks something with somebody's token.
func get(t *testing.T, address, token string) (int, list) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body list
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}
