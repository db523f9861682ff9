package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/answers"
)

// door is a server that people answer through. Nothing that it gives is written
// down here, and no token is among it.
type door struct {
	base string
	http *http.Client
	std  command.IO
}

// Bounds of one exchange, and of waiting.
const (
	doorTime      = 60 * time.Second
	maxDoorAnswer = 8 << 20
	longestCode   = 15 * time.Minute
)

// openDoor checks the address of a server.
func openDoor(address string, std command.IO) (*door, error) {
	base, err := command.ServerAddress(address)
	if err != nil {
		return nil, err
	}
	return &door{base: base, std: std, http: command.Client(doorTime)}, nil
}

// wish is what a request is for.
type wish struct {
	Want       string      `json:"want"`
	Repository string      `json:"repository,omitempty"`
	Subject    string      `json:"subject,omitempty"`
	Answer     gate.Answer `json:"answer,omitempty"`
	Reason     string      `json:"reason,omitempty"`
}

// completed is what the server tells once somebody has signed in.
type completed struct {
	Status   string       `json:"status"`
	Interval int          `json:"interval"`
	Who      gate.Actor   `json:"who"`
	Holds    board.Holds  `json:"holds"`
	Gate     answers.Look `json:"gate"`
	Ticket   string       `json:"ticket"`
}

// ask says what is wanted, has the person sign in, and waits for that.
func (d *door) ask(ctx context.Context, w wish) (completed, error) {
	var code struct {
		UserCode string `json:"user_code"`
		Address  string `json:"verification_uri"`
		Interval int    `json:"interval"`
		Expires  int    `json:"expires_in"`
		Handle   string `json:"handle"`
	}
	var done completed
	if _, err := d.post(ctx, "/api/requests", w, &code); err != nil {
		return done, err
	}
	life := min(time.Duration(max(code.Expires, 1))*time.Second, longestCode)
	fmt.Fprintf(d.std.Err, "Open %s\nand enter %s within %d minutes, if it was you who started this command.\n",
		command.OneLine(code.Address), command.OneLine(code.UserCode), int(life.Minutes()))
	ctx, cancel := context.WithTimeout(ctx, life)
	defer cancel()
	var last error
	for wait := code.Interval; ; wait = max(code.Interval, done.Interval) {
		if err := d.std.Wait(ctx, time.Duration(min(max(wait, 1), 60))*time.Second); err != nil {
			if last == nil {
				last = &gate.Error{Code: "sign_in_expired", Text: "The code was not entered in time. Begin again."}
			}
			return done, last
		}
		done = completed{}
		status, err := d.post(ctx, "/api/requests/complete", map[string]string{"handle": code.Handle}, &done)
		switch {
		case err == nil && status == http.StatusOK:
			fmt.Fprintf(d.std.Err, "Signed in as @%s.\n\n", command.OneLine(done.Who.Login))
			return done, nil
		case err != nil && !passingTrouble(status):
			return done, err
		}
		last = err
	}
}

// passingTrouble holds for answers after which the same request may succeed; 0
// is no answer.
func passingTrouble(status int) bool {
	switch status {
	case 0, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// post sends a request and decodes its answer. A refusal is a *gate.Error with
// the server's code and sentence. status is 0 where no answer came.
func (d *door) post(ctx context.Context, path string, body, into any) (status int, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := d.http.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err
		}
		return 0, &gate.Error{Code: "server_unreachable", Text: fmt.Sprintf("The server %s does not answer: %s.", d.base, err), Err: err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxDoorAnswer))
	if err != nil {
		return 0, &gate.Error{Code: "server_unreachable", Text: "The server's answer was cut off.", Err: err}
	}
	if resp.StatusCode/100 == 2 && json.Unmarshal(answer, into) == nil {
		return resp.StatusCode, nil
	}
	var refusal struct{ Code, Text string }
	if resp.StatusCode/100 == 2 || json.Unmarshal(answer, &refusal) != nil || refusal.Text == "" {
		return resp.StatusCode,
			&gate.Error{Code: "no_gatehold",
				Text: fmt.Sprintf("What answers at %s is no gatehold server that takes answers: status %d.", d.base, resp.StatusCode)}
	}
	return resp.StatusCode, &gate.Error{Code: command.OneLine(refusal.Code), Text: command.OneLine(refusal.Text)}
}
