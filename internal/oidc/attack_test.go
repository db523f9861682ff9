package oidc_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gatehold/gatehold/internal/oidc"
)

func hmacOf(text string, key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + part(mac.Sum(nil))
}

func TestAttackNoAlgorithm(t *testing.T) {
	w := newWorld(t)
	w.good(token(w.job()))
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		header := encode(fields{"alg": alg, "kid": "k1"})
		want := oidc.AlgorithmRefused
		if alg == "" {
			want = oidc.Unreadable
		}
		w.refused(alg, header+"."+encode(w.job())+"."+part([]byte("x")), want)
		w.refused(alg, header+"."+encode(w.job())+".", oidc.Unreadable)
	}
	w.refused("no signature", encode(normal)+"."+encode(w.job())+".", oidc.Unreadable)
	w.refused("two parts", encode(normal)+"."+encode(w.job()), oidc.Unreadable)
}

func TestAttackThePublicKeyAsASharedOne(t *testing.T) {
	w := newWorld(t, func(i *oidc.Issuer) { i.Algorithms = []string{"RS256", "HS256", "none"} }) // whatever is configured
	w.good(token(w.job()))
	der, err := x509.MarshalPKIXPublicKey(ours().Public())
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	for _, key := range [][]byte{text, []byte(strings.TrimSpace(string(text))), der, ours().N.Bytes(), nil} {
		for _, alg := range []string{"HS256", "HS384", "HS512"} {
			w.refused(alg, hmacOf(encode(fields{"alg": alg, "kid": "k1"})+"."+encode(w.job()), key), oidc.AlgorithmRefused)
		}
		w.refused("RS256", hmacOf(encode(normal)+"."+encode(w.job()), key), oidc.SignatureWrong)
	}
}

// Another algorithm than the issuer's own, and keys of another kind than the algorithm's.
func TestAttackAnotherAlgorithm(t *testing.T) {
	w := newWorld(t)
	for _, alg := range []string{"RS384", "RS512", "PS256", "ES256", "EdDSA", "RS1", "rs256", "RS256 ", "dir", "RSA-OAEP"} {
		w.refused(alg, sign(encode(fields{"alg": alg, "kid": "k1"}), encode(w.job()), ours()), oidc.AlgorithmRefused)
	}
	if n := w.requests(); len(n) != 0 {
		t.Errorf("keys are read for an algorithm that is refused: %v", n)
	}
	w = newWorld(t, func(i *oidc.Issuer) { i.Algorithms = []string{"RS256", "ES256"} })
	w.publish("e1", curved().Public())
	w.publish("w1", weak().Public())
	w.refused("a curve's key for RS256", sign(encode(fields{"alg": "RS256", "kid": "e1"}), encode(w.job()), curved()), oidc.KeyUnknown)
	w.refused("an RSA key for ES256", sign(encode(fields{"alg": "ES256", "kid": "k1"}), encode(w.job()), ours()), oidc.KeyUnknown)
	w.refused("a weak key", sign(encode(fields{"alg": "RS256", "kid": "w1"}), encode(w.job()), weak()), oidc.KeyUnknown)
	w.good(sign(encode(fields{"alg": "ES256", "kid": "e1"}), encode(w.job()), curved()))
}

func TestAttackTheKeysID(t *testing.T) {
	w := newWorld(t)
	w.good(token(w.job()))
	w.requests()
	for _, kid := range []any{"../../../../dev/null", "/dev/null", "k1\x00", "K1", "k1 ", "' OR 1=1 --", "https://evil.example/jwks",
		"file:///etc/passwd", "k2"} {
		w.refused(fmt.Sprint(kid), sign(encode(fields{"alg": "RS256", "kid": kid}), encode(w.job()), theirs()), oidc.KeyUnknown)
	}
	for _, kid := range []any{"", nil, 1, []string{"k1"}, strings.Repeat("k", 513)} {
		w.refused(fmt.Sprint(kid), sign(encode(fields{"alg": "RS256", "kid": kid}), encode(w.job()), ours()), oidc.Unreadable)
	}
	w.refused("no id", sign(encode(fields{"alg": "RS256"}), encode(w.job()), ours()), oidc.Unreadable)
	w.refused("another key by the same id", sign(encode(normal), encode(w.job()), theirs()), oidc.SignatureWrong)
	for _, path := range w.requests() {
		if path != "/.well-known/openid-configuration" && path != "/.well-known/jwks" {
			t.Errorf("%s is asked for", path)
		}
	}
}

// Keys, and addresses of keys, that a token brings along are not looked at.
func TestAttackAKeyInTheHeader(t *testing.T) {
	w := newWorld(t)
	own := jose.JSONWebKey{Key: theirs().Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}
	for name, more := range map[string]fields{
		"jwk":     {"jwk": own},
		"jku":     {"jku": w.server.URL + "/evil"},
		"x5u":     {"x5u": w.server.URL + "/evil"},
		"x5c":     {"x5c": []string{"AAAA"}},
		"private": {"jwk": jose.JSONWebKey{Key: theirs(), KeyID: "k1"}},
	} {
		header := fields{"alg": "RS256", "kid": "k1"}
		for k, v := range more {
			header[k] = v
		}
		w.refused(name, sign(encode(header), encode(w.job()), theirs()), oidc.SignatureWrong)
	}
	for _, path := range w.requests() {
		if path == "/evil" {
			t.Error("an address in a token is asked")
		}
	}
}

// What asks to be understood otherwise is not understood.
func TestAttackOddHeaders(t *testing.T) {
	w := newWorld(t)
	for name, more := range map[string]fields{
		"crit": {"crit": []string{"b64"}, "b64": false}, "an empty crit": {"crit": []string{}}, "crit null": {"crit": nil}, "b64": {"b64": true},
		"zip": {"zip": "DEF"}, "enc": {"enc": "A256GCM"}, "a logout token": {"typ": "logout+jwt"}, "an access token": {"typ": "at+jwt"},
		"no type": {"typ": 1},
	} {
		header := fields{"alg": "RS256", "kid": "k1"}
		for k, v := range more {
			header[k] = v
		}
		w.refused(name, sign(encode(header), encode(w.job()), ours()), oidc.Unreadable)
	}
	for _, typ := range []string{"JWT", "jwt", "JOSE", "application/jwt"} {
		w.good(sign(encode(fields{"alg": "RS256", "kid": "k1", "typ": typ}), encode(w.job()), ours()))
	}
	claims := encode(w.job())
	for _, header := range []string{`{"alg":"none","alg":"RS256","kid":"k1"}`, `{"alg":"RS256","kid":"k0","kid":"k1"}`,
		`{"alg":"RS256","kid":"k1"}{}`, `{"alg":"RS256","kid":"k1",}`, `["RS256"]`, `"RS256"`, `null`, ``, `{"alg":"RS256","kid":"k1"`,
		"{\"alg\":\"RS256\",\"kid\":\"k1\",\"x\":\"\xff\"}", `{"alg":"RS256","kid":"k1","x":"` + strings.Repeat("x", 4<<10) + `"}`} {
		w.refused(header, sign(part([]byte(header)), claims, ours()), oidc.Unreadable)
	}
}

// The same claim twice, bombs of JSON, and what one reader takes and another does not.
func TestAttackOddClaims(t *testing.T) {
	w := newWorld(t)
	good := fmt.Sprintf(`"iss":%q,"aud":%q,"sub":"s","iat":%d,"exp":%d`, w.issuer.URL, audience, w.now.Unix(), w.now.Unix()+60)
	for name, text := range map[string]string{
		"an audience twice":    `{` + good + `,"aud":"https://other.example"}`,
		"an id twice":          `{` + good + `,"repository_id":"1","repository_id":"42"}`,
		"twice by an escape":   `{` + good + `,"\u0061ud":"https://other.example"}`,
		"an issuer twice":      `{"iss":"https://evil.example",` + good + `}`,
		"twice below":          `{` + good + `,"x":{"a":1,"a":2}}`,
		"deep":                 `{` + good + `,"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`,
		"deep objects":         `{` + good + `,"x":` + strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000) + `}`,
		"wide":                 `{` + good + `,"x":[` + strings.Repeat("0,", 3000) + `0]}`,
		"more behind it":       `{` + good + `}{"sub":"other"}`,
		"no object":            `[{` + good + `}]`,
		"no end":               `{` + good,
		"a comma too many":     `{` + good + `,}`,
		"a comment":            `{` + good + `/**/}`,
		"not UTF-8":            `{` + good + ",\"x\":\"\xc3\x28\"}",
		"a byte order mark":    "\ufeff{" + good + `}`,
		"a number of infinity": `{` + good + `,"x":Infinity}`,
	} {
		w.refused(name, sign(encode(normal), part([]byte(text)), ours()), oidc.Unreadable)
	}
	if n := w.requests(); len(n) != 0 {
		t.Errorf("keys are read for what cannot be read: %v", n)
	}
}

func TestAttackOversized(t *testing.T) {
	w := newWorld(t)
	w.refused("empty", "", oidc.Unreadable)
	w.refused("long", strings.Repeat("a", 16<<10+1), oidc.Unreadable)
	w.refused("many parts", strings.Repeat("a.", 8<<10), oidc.Unreadable)
	w.refused("five parts", "a.b.c.d.e", oidc.Unreadable)
	w.refused("a long signature", encode(normal)+"."+encode(w.job())+"."+part(make([]byte, 4<<10)), oidc.SignatureWrong)
}

// One token has one spelling.
func TestAttackOtherSpellings(t *testing.T) {
	w := newWorld(t)
	raw := token(w.job())
	w.good(raw)
	last := raw[len(raw)-1]
	next := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	other := raw[:len(raw)-1] + string(next[strings.IndexByte(next, last)|1])
	for name, spelling := range map[string]string{
		"bits beyond the end": other, "padding": raw + "=", "a line's end": raw + "\n", "a line": raw[:20] + "\r\n" + raw[20:],
		"a space": " " + raw, "the other alphabet": raw[:len(raw)-2] + "+/", "a prefix": "Bearer " + raw,
	} {
		if spelling != raw {
			w.refused(name, spelling, oidc.Unreadable)
		}
	}
}

// An issuer is who it is byte by byte, and no other is asked anything.
func TestAttackIssuersThatLookAlike(t *testing.T) {
	w := newWorld(t)
	host := strings.TrimPrefix(w.issuer.URL, "https://")
	_, port, _ := strings.Cut(host, ":")
	for _, iss := range []string{w.issuer.URL + "/", w.issuer.URL + "/.", w.issuer.URL + "//", w.issuer.URL + "?", w.issuer.URL + "#",
		"HTTPS://" + host,
		"http://" + host, "https://user@" + host, "https://" + host + "@evil.example", "https://evil.example/" + host,
		"https://" + host + ".evil.example",
		"https://localhost:" + port, "https://127.1:" + port, "https://127.0.0.1", "https://[::ffff:127.0.0.1]:" + port, " " + w.issuer.URL,
		w.issuer.URL + " ", w.issuer.URL + "\x00", w.issuer.URL + "%2f", strings.Replace(w.issuer.URL, "1", "１", 1), "https://xn--evil.example",
		w.issuer.URL + "/../x", "//" + host, host, "*", "https://" + strings.Replace(host, ".", "。", 1)} {
		w.refused(iss, token(w.job(fields{"iss": iss})), oidc.IssuerUnknown)
	}
	for _, iss := range []any{"", nil, 1, []string{w.issuer.URL}, fields{"url": w.issuer.URL}} {
		w.refused(fmt.Sprint(iss), token(w.job(fields{"iss": iss})), oidc.ClaimsMissing)
	}
	w.refused("none", token(without(w.job(), "iss")), oidc.ClaimsMissing)
	if n := w.requests(); len(n) != 0 {
		t.Errorf("somebody is asked: %v", n)
	}
}

// The keys of one issuer are worth nothing for another.
func TestAttackAnotherIssuersKeys(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	b.keys = nil
	b.publish("k1", theirs().Public())
	both := oidc.New(oidc.Config{Issuers: []oidc.Issuer{a.issuer, b.issuer}, Now: a.clock})
	a.v, b.v = both, both
	a.good(token(a.job()))
	b.good(sign(encode(normal), encode(b.job()), theirs()))
	a.refused("b's key", sign(encode(normal), encode(a.job()), theirs()), oidc.SignatureWrong)
	b.refused("a's key", token(b.job()), oidc.SignatureWrong)
}

func TestAttackAudienceConfusion(t *testing.T) {
	w := newWorld(t)
	for _, aud := range []any{"https://gate.acme.example/", "https://GATE.acme.example", "https://gate.acme.example:443",
		"https://github.com/acme", "",
		" " + audience, audience + "\x00", nil, 1, true, fields{"0": audience}, []string{}, []string{audience, "https://other.example"},
		[]string{"https://other.example", audience}, []string{audience, audience}, []any{audience, nil}, []any{[]string{audience}}, []any{nil}} {
		w.refused(fmt.Sprint(aud), token(w.job(fields{"aud": aud})), oidc.AudienceWrong)
	}
	w.refused("none", token(without(w.job(), "aud")), oidc.AudienceWrong)
	w.good(token(w.job(fields{"aud": []string{audience}})))
	w = newWorld(t, func(i *oidc.Issuer) { i.Audience = "" }) // nothing is for nobody
	w.refused("an empty audience", token(w.job(fields{"aud": ""})), oidc.AudienceWrong)
	w.refused("no audience", token(without(w.job(), "aud")), oidc.AudienceWrong)
}
