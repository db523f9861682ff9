package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

const (
	// PostTime bounds one request of a channel.
	PostTime = 15 * time.Second

	maxAnswer = 4 << 10 // bytes that are read of an answer
	// longestRest is the longest that somebody else may have us wait.
	longestRest = 6 * time.Hour
)

// NewClient is a client that follows no redirects, so that what is sent goes to the
// address that the operator wrote and nowhere else.
func NewClient(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: transport, Timeout: PostTime, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// Poster sends JSON to one address, which the operator wrote. The address may hold a
// secret: no error repeats it.
type Poster struct {
	Client *http.Client
	URL    string
	Name   string // of the channel, for sentences
	Now    func() time.Time
}

// Post sends a body. Whatever is not a success is an error that says what to do.
func (p Poster) Post(ctx context.Context, header http.Header, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil {
		return &gate.Error{Code: Refused, Final: true, Text: fmt.Sprintf("The address of the channel %s is none.", p.Name)}
	}
	for key, values := range header {
		req.Header[key] = values
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "gatehold")
	resp, err := p.Client.Do(req)
	if err != nil {
		return Unanswered(p.Name, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)) // so that the connection can be used again
	return Answered(p.Name, resp.StatusCode, resp.Header, p.Now())
}

// Unanswered is the error of a request that got no answer. What is said of it holds
// no address.
func Unanswered(name string, err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return &gate.Error{Code: Unavailable, Err: err,
		Text: fmt.Sprintf("The channel %s does not answer. It is tried again; see whether its address can be reached from here.", name)}
}

// Answered is the error of an answer's status; nil for success.
func Answered(name string, status int, header http.Header, now time.Time) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return &gate.Error{Code: Refused, Final: true, Text: fmt.Sprintf("The channel %s answers with a redirect (%d), which is not followed: "+
			"write the address that it leads to into the configuration.", name, status)}
	case status == http.StatusTooManyRequests:
		return &gate.Error{Code: Busy, Until: RetryAfter(header, now),
			Text: fmt.Sprintf("The channel %s asks for fewer messages (429). It is tried again when it says.", name)}
	case status == http.StatusRequestTimeout || status == http.StatusConflict || status == http.StatusTooEarly || status >= 500:
		return &gate.Error{Code: Unavailable, Until: RetryAfter(header, now),
			Text: fmt.Sprintf("The channel %s has trouble of its own (%d). It is tried again.", name, status)}
	}
	return &gate.Error{Code: Refused, Final: true, Text: fmt.Sprintf("The channel %s refuses messages (%d): see whether its address and "+
		"secret in the configuration are still right.", name, status)}
}

// RetryAfter is when the other side wants to be asked again; zero: it does not say.
func RetryAfter(header http.Header, now time.Time) time.Time {
	text := header.Get("Retry-After")
	at, err := http.ParseTime(text)
	if err != nil {
		seconds, nerr := strconv.Atoi(text)
		if nerr != nil || seconds < 0 {
			return time.Time{}
		}
		at = now.Add(min(time.Duration(seconds)*time.Second, longestRest))
	}
	if latest := now.Add(longestRest); at.After(latest) {
		return latest
	}
	return at
}
