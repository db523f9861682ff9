package passkey_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	virtual "github.com/descope/virtualwebauthn"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/passkey"
)

const (
	public  = "https://gate.acme.test"
	shown   = `{"v":1,"act":"answer","answer":"approve"}`
	another = `{"v":1,"act":"answer","answer":"deny"}`
)

var ana = gate.Actor{Login: "ana", ID: 11, Type: "User"}

// device is an authenticator with a key, that talks to whom it is told.
type device struct {
	rp   virtual.RelyingParty
	auth virtual.Authenticator
	key  virtual.Credential
}

func newDevice(kind virtual.KeyType) *device {
	return &device{
		rp:   virtual.RelyingParty{ID: "gate.acme.test", Name: "gatehold", Origin: public},
		auth: virtual.NewAuthenticator(), key: whole(kind),
	}
}

// whole is a key whose coordinates are whole: the library leaves out zeros in front,
// which is no key to anybody else.
func whole(kind virtual.KeyType) virtual.Credential {
	for {
		key := virtual.NewCredential(kind)
		if kind != virtual.KeyTypeEC2 || len(key.Key.AttestationData()) == wholeEC2 {
			return key
		}
	}
}

// wholeEC2 is how many bytes a public key on P-256 has in COSE.
const wholeEC2 = 77

func party(t testing.TB) passkey.Party {
	t.Helper()
	p, err := passkey.NewParty(public)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wrapped is what a browser's JavaScript gives to the device.
func wrapped(options []byte) string { return `{"publicKey":` + string(options) + `}` }

func (d *device) create(t testing.TB, p passkey.Party, statement string) []byte {
	t.Helper()
	options, err := virtual.ParseAttestationOptions(wrapped(p.Create(ana, statement, nil, true)))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtual.CreateAttestationResponse(d.rp, d.auth, d.key, *options))
}

func (d *device) sign(t testing.TB, p passkey.Party, statement string, keys ...gate.Passkey) []byte {
	t.Helper()
	options, err := virtual.ParseAssertionOptions(wrapped(p.Ask(statement, keys)))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtual.CreateAssertionResponse(d.rp, d.auth, d.key, *options))
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return gate.AsError(err).Code
}

func TestAKeySignsWhatWasShown(t *testing.T) {
	for _, kind := range []virtual.KeyType{virtual.KeyTypeEC2, virtual.KeyTypeRSA} {
		p, d := party(t), newDevice(kind)
		key, err := p.Created(shown, d.create(t, p, shown))
		if err != nil {
			t.Fatal(kind, err)
		}
		d.key.Counter = 7
		find := func(id string) (gate.Passkey, bool) { return key, id == key.ID }
		proof, count, err := p.Signed(shown, d.sign(t, p, shown, key), find)
		if err != nil || count != 7 {
			t.Fatal(kind, count, err)
		}
		stored, err := json.Marshal(struct {
			K gate.Passkey
			P gate.Proof
		}{key, proof})
		if err != nil {
			t.Fatal(err)
		}
		var kept struct {
			K gate.Passkey
			P gate.Proof
		}
		if err := json.Unmarshal(stored, &kept); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(kept.K, kept.P); err != nil {
			t.Errorf("%s: what is kept does not verify: %v", kind, err)
		}
		if again, err := p.Enrolled(shown, kept.K); err != nil || again.ID != key.ID || again.Model != key.Model {
			t.Errorf("%s: the enrolment that is kept does not verify: %v", kind, err)
		}
	}
}

func TestEnrolmentIsRefused(t *testing.T) {
	p := party(t)
	cases := map[string]func(d *device) (statement string, response []byte){
		"another statement": func(d *device) (string, []byte) { return another, d.create(t, p, shown) },
		"another origin": func(d *device) (string, []byte) {
			d.rp.Origin = "https://gate.acme.test.evil.test"
			return shown, d.create(t, p, shown)
		},
		"our name over http": func(d *device) (string, []byte) {
			d.rp.Origin = "http://gate.acme.test"
			return shown, d.create(t, p, shown)
		},
		"another party": func(d *device) (string, []byte) { d.rp.ID = "acme.test"; return shown, d.create(t, p, shown) },
		"user not verified": func(d *device) (string, []byte) {
			d.auth.Options.UserNotVerified = true
			return shown, d.create(t, p, shown)
		},
		"user not present": func(d *device) (string, []byte) {
			d.auth.Options.UserNotPresent = true
			return shown, d.create(t, p, shown)
		},
		"a signature": func(d *device) (string, []byte) { return shown, d.sign(t, p, shown) },
		"nothing":     func(*device) (string, []byte) { return shown, nil },
		"too much":    func(*device) (string, []byte) { return shown, []byte(strings.Repeat(" ", passkey.MaxResponse+1)) },
	}
	for name, do := range cases {
		statement, response := do(newDevice(virtual.KeyTypeEC2))
		if _, err := p.Created(statement, response); code(err) != "key_refused" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignaturesAreRefused(t *testing.T) {
	p := party(t)
	cases := map[string]func(d *device, key gate.Passkey) (statement string, response []byte){
		"another statement": func(d *device, k gate.Passkey) (string, []byte) { return another, d.sign(t, p, shown, k) },
		"another origin": func(d *device, k gate.Passkey) (string, []byte) {
			d.rp.Origin = "https://evil.test"
			return shown, d.sign(t, p, shown, k)
		},
		"another port": func(d *device, k gate.Passkey) (string, []byte) {
			d.rp.Origin = public + ":8443"
			return shown, d.sign(t, p, shown, k)
		},
		"another party": func(d *device, k gate.Passkey) (string, []byte) {
			d.rp.ID = "evil.test"
			return shown, d.sign(t, p, shown, k)
		},
		"user not verified": func(d *device, k gate.Passkey) (string, []byte) {
			d.auth.Options.UserNotVerified = true
			return shown, d.sign(t, p, shown, k)
		},
		"another key with its id": func(d *device, k gate.Passkey) (string, []byte) {
			id := d.key.ID
			d.key = whole(virtual.KeyTypeEC2)
			d.key.ID = id
			return shown, d.sign(t, p, shown, k)
		},
		"a key of nobody's": func(d *device, k gate.Passkey) (string, []byte) {
			d.key = whole(virtual.KeyTypeEC2)
			return shown, d.sign(t, p, shown, k)
		},
		"an enrolment": func(d *device, _ gate.Passkey) (string, []byte) { return shown, d.create(t, p, shown) },
		"nothing":      func(*device, gate.Passkey) (string, []byte) { return shown, nil },
	}
	for name, do := range cases {
		d := newDevice(virtual.KeyTypeEC2)
		key, err := p.Created(shown, d.create(t, p, shown))
		if err != nil {
			t.Fatal(err)
		}
		statement, response := do(d, key)
		_, _, err = p.Signed(statement, response, func(id string) (gate.Passkey, bool) { return key, id == key.ID })
		if code(err) != "signature_refused" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A proof whose parts were changed in the ledger does not verify.
func TestAChangedProofDoesNotVerify(t *testing.T) {
	p, d := party(t), newDevice(virtual.KeyTypeEC2)
	key, err := p.Created(shown, d.create(t, p, shown))
	if err != nil {
		t.Fatal(err)
	}
	good, _, err := p.Signed(shown, d.sign(t, p, shown, key), func(string) (gate.Passkey, bool) { return key, true })
	if err != nil {
		t.Fatal(err)
	}
	flip := func(s string) string {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		return base64.RawURLEncoding.EncodeToString(b)
	}
	for name, change := range map[string]func(*gate.Proof){
		"statement":     func(o *gate.Proof) { o.Statement = another },
		"client data":   func(o *gate.Proof) { o.ClientData = flip(o.ClientData) },
		"authenticator": func(o *gate.Proof) { o.Authenticator = flip(o.Authenticator) },
		"signature":     func(o *gate.Proof) { o.Signature = flip(o.Signature) },
		"key":           func(o *gate.Proof) { o.Key = flip(o.Key) },
	} {
		bad := good
		change(&bad)
		if _, err := p.Verify(key, bad); code(err) != "signature_refused" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhereKeysCanBeMade(t *testing.T) {
	for public, can := range map[string]bool{
		"https://gate.acme.test": true, "https://gate.acme.test:8443": true, "http://localhost:8080": true,
		"http://gate.acme.test": false, "https://10.0.0.1": false, "http://127.0.0.1:8080": false, "https://[::1]": false, "": false,
	} {
		if _, err := passkey.NewParty(public); (err == nil) != can {
			t.Errorf("%q: %v", public, err)
		}
	}
}

// Whatever a browser sends, it is refused with a sentence or it is a key's.
func FuzzResponses(f *testing.F) {
	p, d := party(f), newDevice(virtual.KeyTypeEC2)
	made := d.create(f, p, shown)
	key, err := p.Created(shown, made)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made)
	f.Add(d.sign(f, p, shown, key))
	f.Fuzz(func(t *testing.T, response []byte) {
		if k, err := p.Created(shown, response); err == nil {
			if _, err := p.Enrolled(shown, k); err != nil {
				t.Errorf("a key was taken that does not verify from what is kept: %v", err)
			}
		} else if code(err) != "key_refused" {
			t.Errorf("%v", err)
		}
		proof, _, err := p.Signed(shown, response, func(string) (gate.Passkey, bool) { return key, true })
		if err == nil {
			if _, err := p.Verify(key, proof); err != nil {
				t.Errorf("a signature was taken that does not verify from what is kept: %v", err)
			}
		} else if code(err) != "signature_refused" {
			t.Errorf("%v", err)
		}
	})
}
