package oidc_test

import (
	"context"
	"testing"
	"time"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"pgregory.net/rapid"
)

// No token that differs from one that was issued in as much as a bit verifies.
func TestNoAlteredTokenVerifies(t *testing.T) {
	w := newWorld(t)
	raw := token(w.job())
	w.good(raw)
	w.now = w.now.Add(time.Minute)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=\n {}\x00"
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(raw)
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			c := alphabet[rapid.IntRange(0, len(alphabet)-1).Draw(t, "letter")]
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				text[at] = c
			case 1:
				text = append(text[:at], text[at+1:]...)
			case 2:
				text = append(text[:at:at], append([]byte{c}, text[at:]...)...)
			}
		}
		if got, err := w.v.Verify(context.Background(), string(text)); err == nil && string(text) != raw {
			t.Fatalf("%s verifies as %+v", text, got)
		}
	})
	if n := w.requests(); len(n) > 3 {
		t.Errorf("it took %v", n)
	}
}

func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	raw := token(w.job())
	f.Add(raw)
	f.Add(encode(normal) + "." + encode(w.job()) + ".AAAA")
	f.Add(encode(fields{"alg": "none", "kid": "k1", "crit": []int{1}}) + "." + encode(fields{"iss": w.issuer.URL}) + ".AA")
	f.Add("e30.e30.e30")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := w.v.Verify(t.Context(), text)
		if err == nil && text != raw {
			t.Errorf("%q verifies as %+v", text, got)
		}
	})
}

// Others who verify tokens agree on those that are good, and on those by another key.
func TestOtherVerifiersAgree(t *testing.T) {
	w := newWorld(t)
	set := jwk.NewSet()
	key, err := jwk.Import(ours().Public())
	if err == nil {
		err = key.Set(jwk.KeyIDKey, "k1")
	}
	if err == nil {
		err = key.Set(jwk.AlgorithmKey, "RS256")
	}
	if err == nil {
		err = set.AddKey(key)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx := goidc.ClientContext(t.Context(), w.server.Client())
	provider, err := goidc.NewProvider(ctx, w.issuer.URL)
	if err != nil {
		t.Fatal(err)
	}
	coreos := provider.Verifier(&goidc.Config{ClientID: audience, Now: w.clock})
	for name, c := range map[string]struct {
		raw  string
		good bool
	}{
		"good":            {token(w.job()), true},
		"a list of one":   {token(w.job(fields{"aud": []string{audience}})), true},
		"another key":     {sign(encode(normal), encode(w.job()), theirs()), false},
		"out":             {token(w.job(fields{"exp": w.now.Unix() - 3600})), false},
		"another issuer":  {token(w.job(fields{"iss": "https://evil.example"})), false},
		"for another one": {token(w.job(fields{"aud": "https://other.example"})), false},
	} {
		_, err := w.v.Verify(t.Context(), c.raw)
		_, jwxErr := jwt.Parse([]byte(c.raw), jwt.WithKeySet(set), jwt.WithIssuer(w.issuer.URL), jwt.WithAudience(audience),
			jwt.WithClock(jwt.ClockFunc(w.clock)))
		_, coreosErr := coreos.Verify(ctx, c.raw)
		if (err == nil) != c.good || (jwxErr == nil) != c.good || (coreosErr == nil) != c.good {
			t.Errorf("%s: gatehold says %v, jwx %v, go-oidc %v", name, err, jwxErr, coreosErr)
		}
	}
}

// BenchmarkVerify is of a token whose keys are known.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	raw := token(w.job())
	if _, err := w.v.Verify(b.Context(), raw); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := w.v.Verify(b.Context(), raw); err != nil {
			b.Fatal(err)
		}
	}
}
