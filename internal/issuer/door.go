package issuer

import (
	"encoding/json"
	"net/http"

	"github.com/gatehold/gatehold/internal/gate"
)

// Where verifiers look, below the issuer's URL.
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/.well-known/jwks.json"
)

// Verifiers may keep what they read for a while; keys, for much less than the hour that a
// new one is published before it signs.
const (
	discoveryCache = "public, max-age=3600"
	keysCache      = "public, max-age=900"
)

// Discovery is the document by which verifiers find the rest.
func (i *Issuer) Discovery() map[string]any {
	claims := append([]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}, own...)
	return map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + KeysPath, "token_endpoint": i.URL + "/token",
		"grant_types_supported":    []string{"urn:ietf:params:oauth:grant-type:token-exchange"},
		"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{algorithm}, "scopes_supported": []string{"openid"}, "claims_supported": claims,
	}
}

// ServeHTTP answers verifiers, at the two paths, and nothing else.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		answer(w, http.StatusMethodNotAllowed, "no-store",
			&gate.Error{Code: "method_not_allowed", Text: "This address does not answer to this method."})
		return
	}
	switch r.URL.Path {
	case DiscoveryPath:
		answer(w, http.StatusOK, discoveryCache, i.Discovery())
	case KeysPath:
		keys, err := i.Keys.Published(r.Context())
		if err != nil {
			answer(w, http.StatusServiceUnavailable, "no-store", gate.AsError(err))
			return
		}
		answer(w, http.StatusOK, keysCache, map[string]any{"keys": keys})
	default:
		answer(w, http.StatusNotFound, "no-store", &gate.Error{Code: "not_found", Text: "There is nothing at this address."})
	}
}

// answer writes what is said, of an error its code and its sentence.
func answer(w http.ResponseWriter, status int, cache string, what any) {
	if e, is := what.(*gate.Error); is {
		what = map[string]string{"code": e.Code, "text": e.Text}
	}
	text, err := json.Marshal(what)
	if err != nil { // of texts, and lists of them
		status, text = http.StatusInternalServerError, nil
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", cache)
	w.WriteHeader(status)
	_, _ = w.Write(text) // whoever asked has gone
}
