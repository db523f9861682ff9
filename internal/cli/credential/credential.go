// Package credential is what jobs and operators do with credentials: a job gets one and
// gives it back, an operator sees which there are and ends one.
package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
)

// Command is the commands about credentials.
func Command(std command.IO) *cobra.Command {
	return command.Group("credential", "Get a credential for one task, and see which there are.",
		getCommand(std), giveBackCommand(std), listCommand(std), revokeCommand(std), trustCommand(std))
}

// Bounds of one exchange.
const (
	askTime   = 60 * time.Second
	maxAnswer = 1 << 20
)

// server is a gatehold that gives credentials.
type server struct {
	base string
	http *http.Client
}

// openServer checks the address of a server: what goes there is worth a credential.
func openServer(flag string, std command.IO) (*server, error) {
	address := command.FirstOf(flag, std.Getenv("GATEHOLD_SERVER"))
	if address == "" {
		return nil, command.Usage("Say which gatehold gives the credential: --server URL, or GATEHOLD_SERVER.")
	}
	base, err := command.ServerAddress(address)
	if err != nil {
		return nil, err
	}
	return &server{base: base, http: command.Client(askTime)}, nil
}

// answer is what the door for workloads says.
type answer struct {
	Token       string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	Credential  string `json:"credential"`
	Error       string `json:"error"`
	Code        string `json:"code"`
	Description string `json:"error_description"`
	Interval    int    `json:"interval"`
}

// ask sends a form. A refusal is a *gate.Error with the server's code and sentence, which
// may be tried again after interval seconds, where that is not 0.
func (s *server) ask(ctx context.Context, path string, form url.Values) (got answer, interval int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return got, 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	status, err := exchange(s.http, req, &got)
	switch {
	case err != nil:
		return got, 5, &gate.Error{Code: "server_unreachable", Text: fmt.Sprintf("The server %s does not answer: %s.", s.base, err), Err: err}
	case status == http.StatusOK:
		return got, 0, nil
	case got.Error == "" || got.Description == "":
		return got, 0, &gate.Error{Code: "no_gatehold", Text: fmt.Sprintf("What answers at %s gives no credentials: status %d.", s.base, status)}
	}
	return got, got.Interval, &gate.Error{Code: command.OneLine(got.Code), Text: command.OneLine(got.Description)}
}

// exchange sends a request, and reads the answer if it is JSON. Its error has no address
// in it: what is asked for may be a secret.
func exchange(client *http.Client, req *http.Request, into any) (int, error) {
	resp, err := client.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err
		}
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, err
	}
	_ = json.Unmarshal(text, into) // what is no JSON says nothing, and the status tells
	return resp.StatusCode, nil
}

// identity is where the token comes from by which a job shows who it is.
type identity struct{ file string }

// token asks GitHub for an identity token of this job, or reads one of another issuer.
// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-cloud-providers
func (i identity) token(ctx context.Context, audience string, std command.IO) (string, error) {
	if i.file != "" {
		text, err := os.ReadFile(i.file)
		token := strings.TrimSpace(string(text))
		if err != nil || token == "" || len(token) > maxAnswer {
			return "", &gate.Error{Code: "identity", Text: fmt.Sprintf("The file %s holds no identity token.", i.file)}
		}
		return token, nil
	}
	address, bearer := std.Getenv("ACTIONS_ID_TOKEN_REQUEST_URL"), std.Getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	u, err := url.Parse(address)
	if address == "" || bearer == "" || err != nil {
		return "", command.Usage("This job has no identity: give it `permissions: { id-token: write }`, or name a token's file with --identity.")
	}
	query := u.Query()
	query.Set("audience", audience)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", &gate.Error{Code: "identity", Text: "GitHub's address for identity tokens cannot be used."}
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Accept", "application/json")
	var got struct{ Value string }
	status, err := exchange(command.Client(askTime), req, &got)
	if err != nil || status != http.StatusOK || got.Value == "" {
		return "", &gate.Error{Code: "identity", Text: fmt.Sprintf("GitHub gives this job no identity token: status %d.", status), Err: err}
	}
	return got.Value, nil
}
