package hub

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
)

// selection is what the last token's answer said of the repositories that the
// installation covers: "all", "selected", or "" before the first token.
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
type selection struct{ v atomic.Value }

func (s *selection) get() string {
	v, _ := s.v.Load().(string)
	return v
}

// may reports whether the last token was given a permission at a level. Before
// the first token, nothing is.
func (s *slots) may(permission, level string) bool {
	granted := s.granted.Load()
	return granted != nil && (*granted)[permission] == level
}

// readToken takes a whole answer to a token request off the network. It notes
// repository_selection and permissions, which nobody else keeps, and closes the
// body, which ghinstallation leaves open where the answer is a refusal.
func (s *slots) readToken(resp *http.Response) (*http.Response, error) {
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(data))
	var answer struct {
		Selection   string            `json:"repository_selection"`
		Permissions map[string]string `json:"permissions"`
	}
	if resp.StatusCode/100 == 2 && json.Unmarshal(data, &answer) == nil {
		s.selection.v.Store(answer.Selection)
		s.granted.Store(&answer.Permissions)
	}
	return resp, nil
}
